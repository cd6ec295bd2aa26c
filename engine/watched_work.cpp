#include "engine/watched_work.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace nmstore {

namespace {

constexpr std::chrono::milliseconds kReportInterval{100};

}  // namespace

Result<void> run_watched(const std::function<Result<void>()>& work,
                         const std::function<ProgressReport()>& report, const Progress& progress,
                         const std::function<void()>& cancel) {
    if (!progress) return work();
    if (!progress(report())) return Error{Code::cancelled, "cancelled"};

    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Result<void>> result;
    std::thread worker([&] {
        Result<void> outcome = work();
        const std::lock_guard lock(mutex);
        result.emplace(std::move(outcome));
        ended.notify_all();
    });

    bool cancelled = false;
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, kReportInterval, [&] { return result.has_value(); })) {
        lock.unlock();
        if (!cancelled && !progress(report())) {
            cancelled = true;
            cancel();
        }
        lock.lock();
    }
    lock.unlock();
    worker.join();
    if (!result->ok()) {
        if (cancelled) return Error{Code::cancelled, "cancelled"};
        return *std::move(result);
    }
    if (!cancelled) progress(report());
    return {};
}

}  // namespace nmstore
