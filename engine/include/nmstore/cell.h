// Cells and slices of a row; counters look the same but hold a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nmstore {

inline constexpr std::size_t kDefaultPage = 1000;

struct Cell {
    std::string column;               // as text, in canonical form
    std::string value;                // byte for byte as written
    std::int64_t expires_at_ms = 0;   // 0: never
};

// A part of a row, both ends inclusive, in comparator order or (reversed) against it: then `from` is
// the greater end, as in a Cassandra slice.
struct SliceRange {
    std::optional<std::string> from;
    std::optional<std::string> to;
    bool reversed = false;
    std::size_t limit = kDefaultPage;
};

struct Slice {
    std::vector<Cell> cells;
    bool more = false;  // the range holds at least one more cell behind the last one given
};

struct Counter {
    std::string column;
    std::int64_t value = 0;
};

}  // namespace nmstore
