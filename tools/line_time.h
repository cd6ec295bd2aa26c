// The time that a line of a log bears at its beginning.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nmstore::tools {

// Reads, at the beginning of a line (behind '[', '<5>' or blanks):
//   2011-11-23T06:18:30.123Z  2011-11-23 06:18:30,123+01:00  2011/11/23 06:18:30     RFC 3339 and its
//   relatives Nov 23 06:18:30                                                                    syslog; the
//   year is the one that makes it least
//                                                                                      distant from now and
//                                                                                      no more than a day
//                                                                                      ahead
// and anywhere in its first kCommonLogBytes
//   [23/Nov/2011:06:18:30 +0100]                                                        common log format
// Without an offset the time is in the machine's zone. nullopt: none of these, a date that does not exist, or
// one more than a day ahead of `now_ms`.
std::optional<std::int64_t> parse_line_time(std::string_view line, std::int64_t now_ms);

inline constexpr std::size_t kCommonLogBytes = 300;

}  // namespace nmstore::tools
