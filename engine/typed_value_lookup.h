// A secondary index is ordered by the stored text of its values, and one value of a number or a UUID has many
// texts: 5 is also 05. Where in the index to look for all of them, without going through the whole of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/value_type.h"

namespace nmstore {

// Whether a value of this type is just one text.
bool is_spelled_one_way(ValueType type);

// Every text of so many bytes that is the value begins with one of these; not everything that does is the
// value. No two begin with each other. Empty: no text is of that length. `canonical` is what
// decode_sortable() makes of it.
std::vector<std::string> spellings(ValueType type, std::string_view canonical, std::size_t bytes);

}  // namespace nmstore
