#include "server/connection_counters.h"

#include <chrono>
#include <string_view>

#include "server/log.h"

namespace nmstore::server {

namespace {

constexpr std::string_view kRow = "connections";
constexpr std::string_view kTotal = "connections-total";
constexpr std::string_view kLive = "connections-live";
constexpr std::chrono::milliseconds kRetryPause{1000};

}  // namespace

ConnectionCounters::ConnectionCounters(Store& store) : store_(store), thread_([this] { run(); }) {}

ConnectionCounters::~ConnectionCounters() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void ConnectionCounters::reset_at_start() {
    const auto live = store_.counter(kRow, kLive);
    if (!live.ok()) {
        log_event(LogLevel::error, "live connections not reset", {{"why", live.error().message}});
        return;
    }
    const std::lock_guard lock(mutex_);
    live_ -= *live;
    wake_.notify_all();
}

void ConnectionCounters::opened() {
    const std::lock_guard lock(mutex_);
    ++total_;
    ++live_;
    wake_.notify_all();
}

void ConnectionCounters::closed() {
    const std::lock_guard lock(mutex_);
    --live_;
    wake_.notify_all();
}

void ConnectionCounters::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || total_ != 0 || live_ != 0; });
        if (total_ == 0 && live_ == 0) return;
        const std::int64_t total = total_;
        const std::int64_t live = live_;
        const bool last = stopping_;
        total_ = 0;
        live_ = 0;
        lock.unlock();
        const bool written = write(total, live);
        lock.lock();
        if (written) continue;
        total_ += total;
        live_ += live;
        if (last) return;
        wake_.wait_for(lock, kRetryPause, [this] { return stopping_; });
    }
}

bool ConnectionCounters::write(std::int64_t total, std::int64_t live) {
    const auto commit = [&]() -> Result<void> {
        const auto batch = store_.begin_counters();
        if (total != 0) NM_TRY(batch->add(kRow, kTotal, total));
        if (live != 0) NM_TRY(batch->add(kRow, kLive, live));
        NM_TRY(batch->commit());
        return {};
    };
    const auto done = commit();
    if (!done.ok() && !told_) {
        log_event(LogLevel::error, "connections not counted", {{"why", done.error().message}});
    }
    told_ = !done.ok();
    return done.ok();
}

}  // namespace nmstore::server
