// A column family as its users see it: a name, a comparator, and what has been declared of its columns.
#pragma once

#include <string>
#include <vector>

#include "nmstore/value_type.h"

namespace nmstore {

struct ColumnInfo {
    std::string name;                    // as text
    ValueType type = ValueType::utf8;    // what its values must be
    bool indexed = false;                // has a secondary index on its value
};

struct FamilyInfo {
    std::uint32_t id = 0;  // never used again, even when the family is dropped
    std::string name;
    ValueType comparator = ValueType::utf8;
    std::vector<ColumnInfo> columns;  // by name

    // Time families hold entries in time order and are what a searcher looks through.
    bool is_time_family() const { return comparator == ValueType::long_; }
};

inline constexpr std::string_view kIndexFamily = "CFUTF8Type";  // UTF8Type, exists from the first start
inline constexpr std::string_view kTimeFamily = "CFLongType";   // LongType, exists from the first start

}  // namespace nmstore
