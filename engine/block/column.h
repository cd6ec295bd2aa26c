// One column of a block: the values of one variable of one template, in the order of its lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/block/stream.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

enum class Encoding : std::uint8_t {  // the numbers are stored on disk
    number = 1,
    delta = 2,
    number_dictionary = 3,
    text_dictionary = 4,
    fixed_text = 5,
    text = 6,
    hex = 7,
    clock = 8,
    shared = 9,
};

inline constexpr std::size_t kMaxNumberDigits = 18;

// The shared dictionary of a block. Values are views: of the lines when writing, of `texts` when reading.
struct SharedDictionary {
    std::vector<std::string_view> values;
    std::unordered_map<std::string_view, std::uint32_t> places;  // writing only
};

// What a column is encoded and decoded with.
struct ColumnContext {
    const std::vector<std::int64_t>* times_ms = nullptr;  // of the lines of the template
    std::int64_t zone_minutes = 0;
    const SharedDictionary* shared = nullptr;
};

// Appends the column to `out` in the encoding that promises to be the smallest. `values` must not be empty.
void encode_column(const std::vector<std::string_view>& values, const ColumnContext& context,
                   std::string& out);

// Reads a column of `count` values; whether it could is told by reader.failed(). Stops with failure when the
// values would exceed `max_bytes`.
void decode_column(Reader& reader, std::size_t count, const ColumnContext& context, std::size_t max_bytes,
                   ColumnValues& values);

// The decimal number of a text of digits only, at most kMaxNumberDigits; false if it is none.
bool parse_digits(std::string_view text, std::uint64_t& number);

// Encoding::clock: the part (0 hour, 1 minute, 2 second, 3 all of them) of a time as the text in a line, two
// digits each.
inline constexpr int kClockParts = 4;
std::string clock_text(int part, std::int64_t time_ms, std::int64_t zone_minutes);

}  // namespace nmstore::block
