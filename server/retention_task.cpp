#include "server/retention_task.h"

#include <algorithm>
#include <utility>

#include "server/log.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kRowsLogged = 20;  // the others are counted only

}  // namespace

RetentionTask::RetentionTask(Run run, Tell tell, std::chrono::milliseconds pause)
    : run_(std::move(run)), tell_(std::move(tell)), pause_(pause), thread_([this] { work(); }) {}

RetentionTask::~RetentionTask() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void RetentionTask::hurry() {
    const std::lock_guard lock(mutex_);
    hurried_ = true;
    changed_.notify_all();
}

bool RetentionTask::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void RetentionTask::work() {
    while (!stopping()) {
        const Result<RetentionReport> report = run_([this](const ProgressReport&) { return !stopping(); });
        if (stopping()) return;
        tell_(report);
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, pause_, [this] { return stopping_ || hurried_; });
        hurried_ = false;
    }
}

void tell_retention(const Result<RetentionReport>& report) {
    if (!report.ok()) {
        // Somebody else has it run at this moment, or the store says itself why it is read-only.
        if (report.error().code == Code::busy || report.error().code == Code::unavailable) return;
        log_event(LogLevel::error, "retention failed", {{"why", report.error().message}});
        return;
    }
    const std::uint64_t dropped = report->rows_by_age + report->rows_by_bytes;
    for (std::size_t i = 0; i < std::min(kRowsLogged, report->rows.size()); ++i) {
        const RetentionReport::Row& row = report->rows[i];
        log_event(LogLevel::info, "row dropped",
                  {{"row", row.key},
                   {"family", row.family},
                   {"bytes", std::to_string(row.bytes)},
                   {"why", row.by_age ? "age" : "bytes"}});
    }
    if (dropped > 0) {
        log_event(LogLevel::info, "retention",
                  {{"by_age", std::to_string(report->rows_by_age)},
                   {"by_bytes", std::to_string(report->rows_by_bytes)},
                   {"bytes", std::to_string(report->bytes)},
                   {"names", std::to_string(report->names)}});
    }
    if (report->over_bytes > 0) {
        log_event(LogLevel::warning, "store is over retention-bytes",
                  {{"over", std::to_string(report->over_bytes)},
                   {"why", "what is left is of today, of later dates, or kept for ever"}});
    }
}

}  // namespace nmstore::server
