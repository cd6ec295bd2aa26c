// Numbers that are never given twice, not even after a crash: row ids, sequences of lines, ids of families.
// They are reserved in chunks: the first number that is not reserved yet stands in the store, so that opening
// it needs no look at what is there. A crash or a close leaves the rest of a chunk unused.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "engine/kv.h"
#include "nmstore/result.h"

namespace nmstore {

class NumberReserve {
  public:
    // The database must outlive it. `name`: under which the mark stands. Numbers start from 1.
    NumberReserve(kv::Database& database, std::string name, std::uint64_t chunk);

    // Any thread. The reservation need not be on disk when this returns: whatever is written with the number
    // is behind it in the same log, and cannot survive without it.
    Result<std::uint64_t> take() {
        NM_ASSIGN(const Range range, take_up_to(1));
        return range.first;
    }
    // Numbers that follow each other: `most` (> 0), or fewer, but at least one.
    struct Range {
        std::uint64_t first = 0;
        std::uint64_t end = 0;  // one behind the last
    };
    Result<Range> take_up_to(std::uint64_t most);

  private:
    Result<void> reserve();

    kv::Database& database_;
    const std::string name_;
    const std::uint64_t chunk_;
    std::mutex mutex_;
    std::uint64_t next_ = 0;  // guarded by mutex_; both 0: not yet read
    std::uint64_t end_ = 0;
};

}  // namespace nmstore
