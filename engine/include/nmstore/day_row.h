// Keys of day rows, the agents' way to name a log's or a plugin's entries of one day:
//   {client}:logs:{name}:{Y}:{M}:{D}    {client}:plugins:{name}:{Y}:{M}:{D}    alerts:{Y}:{M}:{D}
// The date is UTC and not padded, and M counts from 0 (June is 5): an old agent's habit that its rows
// keep for ever.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nmstore {

enum class RowKind : std::uint8_t { other = 0, logs = 1, plugins = 2, alerts = 3 };  // stored on disk

std::string_view row_kind_name(RowKind kind);  // "logs", "plugins", "alerts", "other"

struct DayRow {
    std::string client;           // empty for alerts
    RowKind kind = RowKind::other;
    std::string name;             // of the log or plugin; empty for alerts
    std::int32_t day = 0;         // days since 1970-01-01, UTC
};

// nullopt if the key does not have one of the three forms or its date does not exist. Client and name
// may hold ':' (IPv6): the first ":logs:" or ":plugins:" divides.
std::optional<DayRow> parse_day_row(std::string_view key);

// The key of a day row. parse_day_row(format_day_row(r)) == r for any client without ":logs:"/":plugins:".
std::string format_day_row(const DayRow& row);

// The UTC day that `time_ms` falls in (floor, also before 1970).
std::int32_t day_of(std::int64_t time_ms);

// A log's path as agents write it in keys: every '/' becomes '_'.
std::string log_key_name(std::string_view path);

}  // namespace nmstore
