// What commits have changed, for those who follow the store as it is written. Each commit that puts lines or
// cells into time families, or cells whose values are told (CellBatch::tell_values), has one change with a
// number; numbers rise in the order of the commits of any one row, and are never used again, also not after a
// crash. A change says where lines and cells stand, not what they are: they are read from the store, as they are then.
// The newest changes are kept, see ChangeOptions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nmstore/line.h"

namespace nmstore {

using ChangeNumber = std::uint64_t;

struct ChangeOptions {
    std::uint64_t keep_bytes = std::uint64_t{64} << 20;     // of changes as they are stored, about
    std::int64_t keep_ms = std::int64_t{7} * 24 * 3600 * 1000;  // how long, at the most
};

// Changes that can be read: those of numbers from `first` on, and before `end`. Not every number has one.
struct ChangeRange {
    ChangeNumber first = 0;
    ChangeNumber end = 0;
};

struct SequenceRange {
    std::uint64_t first = 0;
    std::uint64_t end = 0;  // one behind the last
    bool operator==(const SequenceRange&) const = default;
};

// What came into one row of a time family.
struct ChangedRow {
    RowId row = 0;
    // Lines that were appended: how many, within which times, and the blocks that were made of some of them at once.
    std::uint64_t lines = 0;
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
    std::vector<std::uint64_t> blocks;
    std::vector<std::int64_t> cells_ms;  // times of posted cells, rising
    bool operator==(const ChangedRow&) const = default;
};

// A cell that was put while values were told, in the order of puts.
struct ToldValue {
    std::string family;
    std::string row;
    std::string column;
    std::string value;
    bool operator==(const ToldValue&) const = default;
};

struct Change {
    ChangeNumber number = 0;
    std::int64_t time_ms = 0;               // when it was committed
    bool foreign = false;                   // was made at another hub first, and came by way of the journal
    std::vector<SequenceRange> sequences;   // of all lines appended by the commit, rising; no other commit has any of these
    std::vector<ChangedRow> rows;           // by id
    std::vector<ToldValue> values;
    bool operator==(const Change&) const = default;
};

}  // namespace nmstore
