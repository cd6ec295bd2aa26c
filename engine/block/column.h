// One column of a block: the values of one variable of one template, in the order of its lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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
    moment = 10,
};

// What a moment is counted in.
enum class MomentUnit : std::uint8_t { milliseconds = 0, seconds = 1, microseconds = 2 };
inline constexpr int kMomentUnits = 3;
// A time in this unit, wrapping where it does not fit.
std::uint64_t moment_of(std::int64_t time_ms, MomentUnit unit);

// The shared dictionary of a block that is being written. Values are views of the lines.
struct SharedDictionary {
    std::vector<std::string_view> values;
};

// What a column is encoded and decoded with.
struct ColumnContext {
    const std::vector<std::int64_t>* times_ms = nullptr;  // of the lines of the template
    std::int64_t zone_minutes = 0;
    const SharedValues* shared_values = nullptr;
};

// Whether the column can be decoded only with the times of its lines, and whether with the shared dictionary.
bool needs_times(std::string_view column);
bool needs_shared(std::string_view column);

// The three read a column of `count` values; false: it does not add up, or texts would exceed `max_bytes`.
// Replaces `form`, which then looks into `column`.
bool read_form(std::string_view column, std::size_t count, const ColumnContext& context,
               std::size_t max_bytes, ColumnForm& form);
// The texts of its lines.
bool decode_column(std::string_view column, std::size_t count, const ColumnContext& context,
                   std::size_t max_bytes, ColumnValues& values);
// The numbers of a column of numbers.
bool decode_numbers(std::string_view column, std::size_t count, const ColumnContext& context,
                    std::vector<std::uint64_t>& numbers);

// Encoding::clock: the part of a time as the text in a line.
enum ClockPart : int {  // the numbers are stored on disk
    kHour,
    kMinute,
    kSecond,
    kClock,        // HHMMSS
    kMillisecond,  // three digits
    kDayAndHour,   // DDTHH, as in 2011-11-21T10:15:30.123Z
    kSecondZ,      // SSZ
    kMillisecondZ,
    kClockParts,
};
// Replaces `text`.
void set_clock_text(int part, std::int64_t time_ms, std::int64_t zone_minutes, std::string& text);

}  // namespace nmstore::block
