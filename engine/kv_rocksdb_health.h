// Whether the store can be written to, and the way back after it could not: a full disk or an I/O error
// makes it read-only with a reason, and a background thread tries now and then whether it works again.
//
// There are two steps of it. Where only room is short the database works as ever, and what removes is still
// taken. Where it has failed to write, nothing is, until somebody has mended it.
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/kv_damage_seen.h"
#include "nmstore/result.h"

namespace nmstore::kv {

// Also RocksDB's listener, which is how it hears of failures in the background. Any thread.
class Health final : public rocksdb::EventListener {
  public:
    Health(std::shared_ptr<std::atomic<std::uint64_t>> compacted_bytes, std::shared_ptr<DamageSeen> damage);
    ~Health() override;

    // Starts the thread that calls `recover` while the store is not writable, at growing intervals, and when
    // work in the background has come to a stand. A
    // success makes the store writable again, unless another failure came in between.
    void start(std::function<Result<void>()> recover);
    void stop();  // waits for a call that is running

    // No writes from now on.
    void fail(std::string why);
    // The same for want of room; what removes goes on.
    void fail_for_room(std::string why);
    // unavailable, with the reason, unless the store is writable.
    Result<void> check_writable() const;
    bool writable() const { return writable_.load(); }
    std::string why_not() const;

    // Whether the database does what it is told.
    bool works() const { return works_.load(); }
    Result<void> check_works() const;
    std::uint64_t breaks() const;
    // Whether work in the background stands still since the last call: somebody has to make it go on.
    bool take_stalled() { return stalled_.exchange(false); }
    // It works again, unless it has failed since it had failed so many times.
    void set_mended(std::uint64_t breaks);

    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                              bool* automatic) override;
    void OnStallConditionsChanged(const rocksdb::WriteStallInfo& stall) override;
    void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo& job) override;

  private:
    void run();
    Error not_writable() const;
    // Whether writes into the space ("": any) have been held up since this was asked last.
    bool has_stayed_slow(const std::string& space);
    void note_failure(std::string why);  // under mutex_

    const std::shared_ptr<std::atomic<std::uint64_t>> compacted_bytes_;
    const std::shared_ptr<DamageSeen> damage_;
    std::function<Result<void>()> recover_;
    std::atomic<bool> writable_{true};
    std::atomic<bool> works_{true};
    std::atomic<bool> stalled_{false};

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::uint64_t failures_ = 0;
    std::uint64_t breaks_ = 0;  // of them, those after which the database did not work
    std::string why_;
    // Whether RocksDB holds up writes, or takes none, until a compaction is done, and how often that has
    // changed.
    struct Slowness {
        bool is_slow = false;
        std::uint64_t changes = 0;
        std::uint64_t changes_when_asked = 0;
    };
    std::map<std::string, Slowness> slowness_;  // by space
    std::thread thread_;
};

}  // namespace nmstore::kv
