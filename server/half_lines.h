// Lines of which an agent has posted a part that an alert rule has taken note of: the whole line, which comes
// when the rest of it does, is not to count again. A row has one line that may go on, its last one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "nmstore/line.h"

namespace nmstore::server {

class HalfLines {
  public:
    // The rest of many lines never comes: the day is over, or the log was begun anew. So the oldest make room
    // for new ones, and none is remembered for ever.
    static constexpr std::size_t kMost = 1'000;
    static constexpr std::int64_t kKeptMs = std::int64_t{3600} * 1000;

    // Of a row: the pieces since its last line that came whole.
    struct Half {
        LineId first, last;
        std::int64_t time_ms = 0;  // when the last one came
    };

    // The piece has come. Whether it had before.
    bool add(const LineId& piece, std::int64_t time_ms);
    // What `half` tells was so in the past.
    void add(const Half& half);
    bool has(const LineId& piece) const;
    bool knows(RowId row) const { return by_row_.contains(row); }
    // The line has come whole, with all pieces up to the cell at ends_in_ms, as Line has it; they are
    // forgotten. Whether one of them was here.
    bool end(const LineId& line, std::int64_t ends_in_ms);
    // It is earlier than it was thought to be.
    void set_back(std::int64_t time_ms);

    std::vector<Half> all() const;  // in order of their times
    std::size_t size() const { return by_row_.size(); }

  private:
    struct Kept {
        Half half;
        std::uint64_t order = 0;
    };
    using ByRow = std::unordered_map<RowId, Kept>;
    void forget(ByRow::iterator at);

    ByRow by_row_;
    std::map<std::uint64_t, RowId> in_order_;
    std::uint64_t last_order_ = 0;
};

}  // namespace nmstore::server
