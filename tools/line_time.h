// The time that a line of a log bears at its beginning.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nmstore::tools {

// Reads, at the beginning of a line (behind '[', '<5>' or blanks):
//   2011-11-23T06:18:30.123Z  2011-11-23 06:18:30,123+01:00  2011/11/23 06:18:30    RFC 3339 and its
//   relatives, log4j Mon Dec 05 19:15:57 2005  Mon Dec 05 19:15:57.123456 2005 Apache's error log, ctime
//   17/06/09 20:11:11                                                                Hadoop, Spark: year,
//   month, day 081109 203615  081109 20:36:15                                                  HDFS: the same
//   Nov 23 06:18:30  03-17 16:13:38.811                                                syslog, Android: of
//   the latest year that puts
//                                                                                     it no more than a day
//                                                                                     ahead of now
//   1321900000  1321900000.123  1321900000123                                         seconds or milliseconds
//   since 1970
// and anywhere in the line's first kFrontBytes
//   [23/Nov/2011:06:18:30 +0100]                                                      common log format
//   audit(1321900000.123:456)                                                         the kernel's audit log
// Without an offset the time is in the machine's zone. nullopt: none of these, a date that does not exist, or
// one more than a day ahead of `now_ms`.
std::optional<std::int64_t> parse_line_time(std::string_view line, std::int64_t now_ms);

inline constexpr std::size_t kFrontBytes = 300;

}  // namespace nmstore::tools
