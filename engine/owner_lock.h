// A data directory belongs to one process. The owner holds a lock on DIR/LOCK, whose content tells the next
// who tries which process that is.
//
// Layout of a data directory: DIR/LOCK (this file), DIR/db/ (the database). The lock is the operating
// system's and goes with the process, so content left behind by a process that was killed means nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore {

inline constexpr std::string_view kOwnerLockName = "LOCK";
inline constexpr std::string_view kDatabaseDirectoryName = "db";

// Holds the lock as long as it lives. Any thread.
class OwnerLock {
  public:
    // The directory must exist. `owner` says who wants it ("nm-stored 127.0.0.1:8001"), `now_ms` since when.
    // busy: somebody has it, in this process or another; the message says who and since when.
    static Result<std::unique_ptr<OwnerLock>> acquire(const std::string& directory, std::string_view owner,
                                                      std::int64_t now_ms);
    ~OwnerLock();
    OwnerLock(const OwnerLock&) = delete;
    OwnerLock& operator=(const OwnerLock&) = delete;

  private:
    explicit OwnerLock(int descriptor) : descriptor_(descriptor) {}
    const int descriptor_;
};

}  // namespace nmstore
