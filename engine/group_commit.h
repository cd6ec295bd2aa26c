// Makes one fsync serve everybody who waits for one: the first to wait leads, and syncs for all whose
// writes were applied by then; the others wait for it, or lead the next round.
//
// A write takes a ticket once it is in the log. Threads: every call from any thread; stop() last.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "nmstore/result.h"
#include "nmstore/store.h"

namespace nmstore::kv {

class GroupCommit {
  public:
    // `sync` puts everything that is in the log on disk; it is never called twice at the same time.
    GroupCommit(SyncMode mode, std::uint32_t interval_ms, std::function<Result<void>()> sync);
    ~GroupCommit();  // stops
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    // The number of a write that is in the log now.
    std::uint64_t issue() { return issued_.fetch_add(1) + 1; }

    // SyncMode::always: returns once everything up to the ticket is on disk, or with the error of the sync
    // that was to do it. The other modes: at once.
    Result<void> wait(std::uint64_t ticket);

    // Syncs what has been issued so far, in any mode.
    Result<void> sync_now() { return sync_through(issued_.load()); }

    // Tells that everything up to the ticket is on disk by other means than a sync of the log.
    void note_durable(std::uint64_t ticket);

    // Ends the background thread; what it has not synced stays unsynced.
    void stop();

    std::uint64_t issued() const { return issued_.load(); }
    std::uint64_t syncs() const { return syncs_.load(); }

  private:
    Result<void> sync_through(std::uint64_t ticket);
    void lead(std::unique_lock<std::mutex>& lock);
    void run_interval();

    const SyncMode mode_;
    const std::uint32_t interval_ms_;
    const std::function<Result<void>()> sync_;

    std::atomic<std::uint64_t> issued_{0};
    std::atomic<std::uint64_t> syncs_{0};

    std::mutex mutex_;
    std::condition_variable changed_;
    bool syncing_ = false;
    bool stopping_ = false;
    std::uint64_t durable_ = 0;         // every ticket up to here is on disk
    std::uint64_t failed_through_ = 0;  // tickets up to here that are not durable had `failure_`
    Error failure_;
    std::thread interval_thread_;
};

}  // namespace nmstore::kv
