// A change as it is stored; docs/formats.md has the numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/change.h"
#include "nmstore/result.h"

namespace nmstore {

// A value that is told; what is named in a Change is numbers and keys here.
struct StoredValue {
    std::uint32_t family = 0;
    std::string row;
    std::string column;  // sortable
    std::string value;
    bool operator==(const StoredValue&) const = default;
};

struct ChangeRecord {
    std::int64_t time_ms = 0;
    bool foreign = false;
    std::vector<SequenceRange> sequences;
    std::vector<ChangedRow> rows;
    std::vector<StoredValue> values;

    bool empty() const { return rows.empty() && values.empty(); }
    bool operator==(const ChangeRecord&) const = default;
};

std::string format_change(const ChangeRecord& change);
Result<ChangeRecord> parse_change(std::string_view bytes);  // corruption: cannot have been written so

}  // namespace nmstore
