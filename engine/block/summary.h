// What is told of a column's values without reading them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/block/stream.h"
#include "nmstore/block_column.h"

namespace nmstore::block {

inline constexpr std::size_t kMaxNumberDigits = 18;

// The decimal number of a text of digits only, at most kMaxNumberDigits; false if it is none.
bool parse_digits(std::string_view text, std::uint64_t& number);

std::uint8_t classes_of(std::string_view text);

// The width of decimal numbers as texts: 0 if none has leading zeros, else the one that all have; nullopt if
// their text would not come back.
std::optional<std::uint32_t> number_width(const std::vector<std::string_view>& values);

// Fills `numbers` where all values are numbers of one width, else leaves it empty.
ColumnSummary summarise(const std::vector<std::string_view>& values, std::vector<std::uint64_t>& numbers);

void put_summary(const ColumnSummary& summary, std::string& out);
ColumnSummary read_summary(Reader& reader);

}  // namespace nmstore::block
