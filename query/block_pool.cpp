#include "query/block_pool.h"

#include <algorithm>

namespace nmstore::query {

BlockPool::BlockPool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

BlockPool::~BlockPool() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        queue_.clear();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void BlockPool::run(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void BlockPool::work() {
    while (true) {
        std::function<void()> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
            if (closed_) return;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        job();
    }
}

BlockPool& BlockPool::shared() {
    const std::size_t machine = std::thread::hardware_concurrency();
    static BlockPool pool(std::clamp<std::size_t>(machine, 2, kMaxPoolThreads + 1) - 1);
    return pool;
}

}  // namespace nmstore::query
