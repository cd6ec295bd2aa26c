// A lock beside a file that only one process may keep its state in. Gone with the process, however it ends.
#pragma once

#include <string>
#include <utility>

#include "nmstore/result.h"

namespace nmstore::tools {

class FileLock {
  public:
    // Locks `path`.lock; makes the directory if it is missing. busy, with this text: another process has it.
    static Result<FileLock> beside(const std::string& path, const std::string& if_busy);
    ~FileLock();
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace nmstore::tools
