#include "server/worker_pool.h"

#include <algorithm>

namespace nmstore::server {

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_queue, Metrics& metrics)
    : max_queue_(max_queue), metrics_(metrics) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::try_run(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        // A free worker takes the job at once, so a queue of length 0 still lets the workers work.
        const bool free_worker = running_ + queue_.size() < threads_.size();
        if (closed_ || (!free_worker && queue_.size() >= max_queue_)) return false;
        queue_.push_back(std::move(job));
        metrics_.queue_length.fetch_add(1, std::memory_order_relaxed);
    }
    wake_.notify_one();
    return true;
}

bool WorkerPool::close(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    closed_ = true;
    wake_.notify_all();
    return idle_.wait_for(lock, patience, [this] { return queue_.empty() && running_ == 0; });
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
        if (queue_.empty()) return;
        std::function<void()> job = std::move(queue_.front());
        queue_.pop_front();
        metrics_.queue_length.fetch_sub(1, std::memory_order_relaxed);
        ++running_;
        lock.unlock();
        job();
        job = nullptr;  // what it holds must be gone before it counts as done
        lock.lock();
        --running_;
        if (closed_ && queue_.empty() && running_ == 0) idle_.notify_all();
    }
}

}  // namespace nmstore::server
