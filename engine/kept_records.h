// Records with rising numbers that are kept up to a bound, in one partition of Space::changes, and forgotten
// in parts: how many bytes there are, and what may go. Not safe for threads: whoever owns it has the lock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "engine/kv.h"
#include "nmstore/change.h"

namespace nmstore {

class KeptRecords {
  public:
    // The database must outlive it; the views too. `mark`: the key in meta's `changes` under which the first
    // number that is kept stands. `part_bytes`: how much is forgotten at a time.
    KeptRecords(kv::Database& database, std::string_view partition, std::string_view mark,
                std::uint64_t part_bytes, std::int64_t part_ms = INT64_MAX);

    // When opening: finds out what is there. `time_of` tells a record's time. Gives the number behind the
    // last, 0 if there is none. corruption: the last cannot be read.
    using TimeOf = std::function<Result<std::int64_t>(std::string_view record)>;
    // `run_bits`: numbers whose others are the same have no great gaps between them.
    Result<ChangeNumber> open(const TimeOf& time_of, unsigned run_bits);

    void put(kv::Batch& batch, ChangeNumber number, std::string_view record) const;  // needs no lock
    void note(ChangeNumber number, std::size_t record_bytes, std::int64_t time_ms);  // that it was put

    ChangeNumber first() const { return first_; }
    std::uint64_t bytes() const { return bytes_ + open_.bytes; }
    std::int64_t newest_ms() const {
        return marks_.empty() ? 0 : marks_.back().last_ms;
    }  // when opened; 0: none

    struct Bounds {
        std::uint64_t bytes = UINT64_MAX;  // so much that is newer stays, and the part at the edge: who
                                           // follows has not read it yet
        std::int64_t now_ms = 0;
        std::int64_t keep_ms = INT64_MAX;  // what is older goes
        ChangeNumber before = 0;           // these may go in any case, once there is more than is to spare
        std::uint64_t spare_bytes = 0;
        std::int64_t spare_ms = 0;  // and not for longer than this
        ChangeNumber settled = 0;   // none from here on
    };
    // What has to go is not told any more from now on: the first number that stays, 0 if nothing goes.
    ChangeNumber trim(const Bounds& bounds);
    // Removes what comes before it from the database; also what an earlier batch that failed has left. Any
    // thread.
    void erase(kv::Batch& batch, ChangeNumber before) const;
    void set_first(ChangeNumber first) { first_ = first; }  // nothing before it is told any more

  private:
    struct Mark {  // everything up to `last` is so many bytes, of these times
        ChangeNumber last = 0;
        std::uint64_t bytes = 0;
        std::int64_t first_ms = 0, last_ms = 0;
    };
    void close_part();
    bool goes(const Mark& mark, const Bounds& bounds) const;
    Result<void> mark_what_is_there(kv::Cursor& cursor, unsigned run_bits, std::uint64_t bytes,
                                    std::int64_t time_ms);

    kv::Database& database_;
    const std::string_view partition_, mark_;
    const std::uint64_t part_bytes_;
    const std::int64_t part_ms_;
    ChangeNumber first_ = 0;   // nothing before it is kept
    std::deque<Mark> marks_;   // oldest first; of each part that is forgotten at a time
    std::uint64_t bytes_ = 0;  // of all marks
    Mark open_;                // of the records since
};

}  // namespace nmstore
