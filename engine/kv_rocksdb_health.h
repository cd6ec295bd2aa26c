// Whether the store can be written to, and the way back after it could not: a full disk or an I/O error
// makes it read-only with a reason, and a background thread tries now and then whether it works again.
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "nmstore/result.h"

namespace nmstore::kv {

// Also RocksDB's listener, which is how it hears of failures in the background. Any thread.
class Health final : public rocksdb::EventListener {
  public:
    explicit Health(std::shared_ptr<std::atomic<std::uint64_t>> compacted_bytes);
    ~Health() override;

    // Starts the thread that calls `recover` while the store is not writable, at growing intervals. A
    // success makes the store writable again, unless another failure came in between.
    void start(std::function<Result<void>()> recover);
    void stop();  // waits for a call that is running

    // No writes from now on.
    void fail(std::string why);
    // unavailable, with the reason, unless the store is writable.
    Result<void> check_writable() const;
    bool writable() const { return writable_.load(); }
    std::string why_not() const;

    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                              bool* automatic) override;
    void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo& job) override;

  private:
    void run();

    const std::shared_ptr<std::atomic<std::uint64_t>> compacted_bytes_;
    std::function<Result<void>()> recover_;
    std::atomic<bool> writable_{true};

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::uint64_t failures_ = 0;
    std::string why_;
    std::thread thread_;
};

}  // namespace nmstore::kv
