// A bounded number of threads that run handlers, and a bounded queue before them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/metrics.h"

namespace nmstore::server {

class WorkerPool {
  public:
    // `metrics` must outlive the pool. At least one thread.
    WorkerPool(std::size_t threads, std::size_t max_queue, Metrics& metrics);
    ~WorkerPool();  // runs what is queued, then joins
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // false if the queue is full or the pool is closed: the job is not taken. Jobs must not throw. Any
    // thread.
    bool try_run(std::function<void()> job);

    // Takes no more jobs, and waits until all are done; false if that takes longer than `patience` (they go
    // on).
    bool close(std::chrono::milliseconds patience);

  private:
    void work();

    const std::size_t max_queue_;
    Metrics& metrics_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::deque<std::function<void()>> queue_;
    std::size_t running_ = 0;
    bool closed_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace nmstore::server
