#include "engine/group_commit.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nmstore::kv {

GroupCommit::GroupCommit(SyncMode mode, std::uint32_t interval_ms, std::function<Result<void>()> sync)
    : mode_(mode), interval_ms_(std::max<std::uint32_t>(interval_ms, 1)), sync_(std::move(sync)) {
    if (mode_ == SyncMode::interval) interval_thread_ = std::thread([this] { run_interval(); });
}

GroupCommit::~GroupCommit() {
    stop();
}

Result<void> GroupCommit::wait(std::uint64_t ticket) {
    if (mode_ != SyncMode::always) return {};
    return sync_through(ticket);
}

Result<void> GroupCommit::sync_through(std::uint64_t ticket) {
    std::unique_lock lock(mutex_);
    while (true) {
        if (ticket <= durable_) return {};
        if (ticket <= failed_through_) return failure_;
        if (syncing_) {
            changed_.wait(lock);
        } else {
            lead(lock);
        }
    }
}

void GroupCommit::lead(std::unique_lock<std::mutex>& lock) {
    syncing_ = true;
    lock.unlock();
    // Read before the sync: whoever has a ticket up to here wrote before the sync began.
    const std::uint64_t target = issued_.load();
    Result<void> result = sync_();
    syncs_.fetch_add(1);
    lock.lock();
    syncing_ = false;
    if (result.ok()) {
        durable_ = std::max(durable_, target);
    } else {
        failed_through_ = std::max(failed_through_, target);
        failure_ = std::move(result).error();
    }
    changed_.notify_all();
}

void GroupCommit::note_durable(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    durable_ = std::max(durable_, ticket);
    changed_.notify_all();
}

void GroupCommit::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (interval_thread_.joinable()) interval_thread_.join();
}

void GroupCommit::run_interval() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait_for(lock, std::chrono::milliseconds(interval_ms_), [this] { return stopping_; });
        // A failure is not lost: the sync itself has told whoever decides whether the store is writable.
        if (!stopping_ && !syncing_ && issued_.load() > std::max(durable_, failed_through_)) lead(lock);
    }
}

}  // namespace nmstore::kv
