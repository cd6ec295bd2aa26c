// The names under which programs write the level of a line.
#pragma once

#include <cstddef>
#include <string_view>

#include "nmstore/line.h"

namespace nmstore::query {

// How far into a line that has no field for it a word may stand to be taken for its level.
inline constexpr std::size_t kLevelWindowBytes = 128;

// "WARNING" -> "warn", "crit" -> "fatal", "severe" -> "error"; in any case. "" for a word that is no level.
std::string_view level_of_word(std::string_view word);

// The same of a field's value: also numbers (syslog 0 to 7, bunyan and pino 10 to 60) and single letters
// ("E").
std::string_view level_of_value(std::string_view value);

// Whether what tells the line's level, as level_of() finds it, is the word `severe`, in any case.
bool is_severe(const Line& line);

}  // namespace nmstore::query
