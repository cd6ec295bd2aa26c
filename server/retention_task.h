// Lets old days go in the background: at the start, and then again and again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "nmstore/retention.h"
#include "nmstore/store.h"

namespace nmstore::server {

class RetentionTask {
  public:
    using Run = std::function<Result<RetentionReport>(const Progress& progress)>;
    using Tell = std::function<void(const Result<RetentionReport>& report)>;

    // Both are called on the task's thread, and not after the destructor, which stops a run that is under
    // way: its progress answers false then, and nothing is told of it.
    RetentionTask(Run run, Tell tell, std::chrono::milliseconds pause);
    ~RetentionTask();
    // The next run is now, or at once after one that is under way. Any thread.
    void hurry();
    RetentionTask(const RetentionTask&) = delete;
    RetentionTask& operator=(const RetentionTask&) = delete;

  private:
    void work();
    bool stopping();

    const Run run_;
    const Tell tell_;
    const std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool hurried_ = false;
    std::thread thread_;
};

// What a run did, to the log: nothing if it did nothing.
void tell_retention(const Result<RetentionReport>& report);

}  // namespace nmstore::server
