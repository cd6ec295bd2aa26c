// Times as people and programs write them in a request.
#pragma once

#include <cstdint>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::query {

// Milliseconds since the epoch ("1321900000000"), RFC 3339 ("2011-11-21T18:26:40.5Z", also a date alone, UTC
// without an offset), "now", or relative to it: "-90s", "-15m", "-1h", "-7d", "-2w", and "now-1h".
// invalid_argument names the forms.
Result<std::int64_t> parse_time(std::string_view text, std::int64_t now_ms);

// "500ms", "30s", "5m", "1h", "1d", "2w", or plain milliseconds; greater than 0.
Result<std::int64_t> parse_duration_ms(std::string_view text);

// "2011-11-21T18:26:40.500Z"
std::string format_time(std::int64_t time_ms);

}  // namespace nmstore::query
