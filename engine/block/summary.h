// What is told of a column's values without reading them.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/block/stream.h"
#include "nmstore/block_column.h"

namespace nmstore::block {

inline constexpr std::size_t kMaxNumberDigits = 18;

// The decimal number of a text of digits only, at most kMaxNumberDigits; false if it is none.
bool parse_digits(std::string_view text, std::uint64_t& number);

std::uint8_t classes_of(std::string_view text);

void put_summary(const ColumnSummary& summary, std::string& out);
ColumnSummary read_summary(Reader& reader);

}  // namespace nmstore::block
