// How much a database's directory holds. Measuring walks through all its files, and whoever asks for the
// health of a store asks often: so it is told as it was a moment ago.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "engine/kv.h"

namespace nmstore::kv {

// Adds the files of the directory to disk_bytes, and its write-ahead logs to log_bytes. What cannot be read
// counts nothing.
void measure_directory(const std::string& directory, DatabaseStats& stats);

// Any thread.
class DirectorySize {
  public:
    static constexpr std::chrono::milliseconds kMostAge{1000};
    using Time = std::chrono::steady_clock::time_point;

    explicit DirectorySize(std::string directory);
    // Sets disk_bytes and log_bytes to what they were at most kMostAge ago.
    void tell(DatabaseStats& stats, Time now = std::chrono::steady_clock::now());
    void forget();  // it is known to have changed

  private:
    const std::string directory_;
    std::mutex mutex_;
    std::optional<Time> measured_;
    DatabaseStats size_;
};

}  // namespace nmstore::kv
