// The files of RocksDB's write-ahead log, between RocksDB and the disk, for two reasons:
//  - a write to the log that fails (a full disk) would be the end of RocksDB's log file, and in builds with
//    assertions of the process. Here it is held in memory until it can be written, and RocksDB never hears of
//    it;
//  - RocksDB cannot sync its log from outside without ending the process when a write has just failed. We
//  can.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace nmstore::kv {

// A log file that RocksDB has open; shared by the file itself and by who syncs it. Any thread.
class OpenLog {
  public:
    OpenLog(rocksdb::FSWritableFile* file, std::atomic<int>& logs_held)
        : file_(file), logs_held_(logs_held) {}

    // Appends, or holds what could not be appended: until that has been written the log is not durable.
    void append(const rocksdb::Slice& data, const rocksdb::IOOptions& options);
    // Writes what is held, then puts everything on disk if there is anything new.
    rocksdb::IOStatus sync();
    // RocksDB closes a log when its content is in table files: whatever is held is not needed any more.
    void forget();
    bool is_open();

  private:
    rocksdb::IOStatus write_held();

    std::mutex file_mutex_;  // held during a sync, so that the file is not closed under it
    rocksdb::FSWritableFile* file_;
    std::atomic<int>& logs_held_;

    std::mutex append_mutex_;  // not held during a sync: nobody who writes waits for the disk
    std::uint64_t size_ =
        0;  // of what has been written; a write that failed in the middle is written again from here
    std::string held_;
    bool dirty_ = false;  // appended to since the last sync
};

// Any thread. Outlives the database that uses it.
class LogFileSystem final : public rocksdb::FileSystemWrapper {
  public:
    explicit LogFileSystem(std::string directory);

    const char* Name() const override { return "nmstore.log_file_system"; }
    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* context) override;

    // Puts on disk whatever has been written to the log when this is called.
    rocksdb::IOStatus sync_logs();
    // Whether writes to the log have failed and are held in memory.
    bool holds_writes() const { return logs_held_.load() != 0; }

  private:
    rocksdb::IOStatus sync_directory();
    std::vector<std::shared_ptr<OpenLog>> open_logs();

    const std::string directory_;
    std::mutex mutex_;
    std::vector<std::shared_ptr<OpenLog>> logs_;
    std::atomic<int> logs_held_{0};
    std::atomic<bool> directory_dirty_{false};  // a log was made since the directory was synced
};

}  // namespace nmstore::kv
