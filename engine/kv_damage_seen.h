// What readers, compactions and verifications have met of damaged table files since the database was opened.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "engine/kv.h"

namespace nmstore::kv {

// Any thread.
class DamageSeen {
  public:
    static constexpr std::size_t kMaxFiles = 100;  // more are counted, but not named

    // `directory`: of the database.
    explicit DamageSeen(std::string directory) : directory_(std::move(directory)) {}

    // `message`: what RocksDB says; if it names a table file, that is the place, else the directory is.
    // Whether it does.
    bool note(std::string_view message);
    // Of files those that are still there: one that has gone hurts nobody any more.
    void tell(DatabaseStats& stats) const;

  private:
    const std::string directory_;
    mutable std::mutex mutex_;
    std::uint64_t times_ = 0;
    std::set<std::string> places_;
};

}  // namespace nmstore::kv
