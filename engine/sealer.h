// The background of time rows: fresh lines become blocks and small blocks greater ones, without anybody
// noticing.
//
// One thread of low priority. It sleeps until a row's time has come (engine/fresh_rows.h), seals the row from
// a snapshot outside of all locks, and merges its small blocks. Writers never wait for it, except for the
// moment in which a finished block takes the place of its lines, and only those of the same row. What it
// holds in memory is bounded: what one block is made of at a time (kMaxSealingBytes, engine/block_merge.h),
// and some bytes for each row in FreshRows (kMaxRows). A crash at any moment leaves each line either as an
// entry or in a block: the next start goes on from there (engine/unfinished_rows.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "engine/block_merge.h"
#include "engine/core.h"
#include "engine/damage_met.h"
#include "engine/unfinished_rows.h"

namespace nmstore {

class Sealer {
  public:
    // The core must outlive it.
    explicit Sealer(Core& core);
    ~Sealer();  // stops
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    void start();
    void stop();          // waits for the block at work, and no longer
    void request_stop();  // the same without waiting; any thread

    // See Store::seal; any thread.
    Result<void> seal_everything(const Progress& progress);
    // All blocks become as few and as small as can be, but those of rows that are damaged; any thread.
    Result<void> compact_blocks(const Progress& progress, DamageMet& damage);

    void tell(StoreStats& stats) const;

  private:
    void run();
    bool work_on_due_rows();
    bool look_for_rows();
    void work_on(const FreshRows::Taken& taken);
    Result<void> seal(const FreshRows::Taken& taken);
    Result<void> merge(RowId row, MergeWhen when, std::int64_t last_written_ms);
    bool settle();
    Result<void> index();
    // damage null: it is an error.
    Result<void> seal_all(const Progress& progress, DamageMet* damage);
    Result<void> seal_all_rows(const std::vector<RowId>& noted, const Progress& progress, DamageMet* damage);
    Result<void> seal_all_of(RowId row);
    Result<void> compact_row(RowId row, const std::function<bool()>& report, std::uint64_t& done);
    Result<void> drop_expired(RowId row);
    void sleep();
    void wake();
    void note_failure(const Error& error);
    bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

    Core& core_;
    std::thread thread_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> blocks_sealed_{0};
    std::atomic<std::uint64_t> blocks_merged_{0};
    std::atomic<std::uint64_t> failures_{0};
    UnfinishedRows unfinished_;  // the thread's own
    std::int64_t settled_at_ms_ =
        INT64_MIN;                    // the last write that was before the last settling; the thread's own
    std::uint64_t sealed_bytes_ = 0;  // since then; the thread's own
    std::uint64_t indexed_at_blocks_ = 0;         // blocks that there were then; the thread's own
    std::atomic<std::uint64_t> merged_bytes_{0};  // likewise, of blocks; any thread
    bool failed_ = false;                         // since the last sleep; the thread's own

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;      // guarded by mutex_
    std::string last_error_;  // guarded by mutex_
};

}  // namespace nmstore
