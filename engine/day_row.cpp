#include "nmstore/day_row.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace nmstore {
namespace {

constexpr std::string_view kLogs = ":logs:";
constexpr std::string_view kPlugins = ":plugins:";
constexpr std::string_view kAlerts = "alerts:";
constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

// Takes the last ":number" off `text`. Numbers are written without padding and without a sign: anything else
// is not an agent's key, and must not be read as the same row as one that is.
std::optional<int> take_last_number(std::string_view& text) {
    const auto colon = text.rfind(':');
    const auto digits = text.substr(colon == std::string_view::npos ? 0 : colon + 1);
    if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number < 0) return std::nullopt;
    text = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    return number;
}

// Takes ":Y:M:D" (or "Y:M:D") off the end of `text`.
std::optional<std::int32_t> take_date(std::string_view& text) {
    const auto day = take_last_number(text);
    const auto month = day ? take_last_number(text) : std::nullopt;
    const auto year = month ? take_last_number(text) : std::nullopt;
    if (!year || *year > 9999 || *month > 11 || *day > 31) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month) + 1),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

void append_date(std::int32_t day, std::string& out) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    out += std::to_string(static_cast<int>(date.year()));
    out += ':';
    out += std::to_string(static_cast<unsigned>(date.month()) - 1);
    out += ':';
    out += std::to_string(static_cast<unsigned>(date.day()));
}

}  // namespace

std::string_view row_kind_name(RowKind kind) {
    switch (kind) {
        case RowKind::logs:
            return "logs";
        case RowKind::plugins:
            return "plugins";
        case RowKind::alerts:
            return "alerts";
        case RowKind::other:
            break;
    }
    return "other";
}

std::optional<DayRow> parse_day_row(std::string_view key) {
    if (key.starts_with(kAlerts)) {
        std::string_view rest = key.substr(kAlerts.size());
        const auto day = take_date(rest);
        // Something is left over: a client named "alerts", perhaps.
        if (day && rest.empty() && key[kAlerts.size()] != ':') return DayRow{"", RowKind::alerts, "", *day};
    }
    const auto logs = key.find(kLogs);
    const auto plugins = key.find(kPlugins);
    if (logs == std::string_view::npos && plugins == std::string_view::npos) return std::nullopt;
    const bool is_logs = logs < plugins;
    const auto divider = is_logs ? logs : plugins;
    std::string_view name = key.substr(divider + (is_logs ? kLogs : kPlugins).size());
    const auto day = take_date(name);
    if (!day || divider == 0 || name.empty()) return std::nullopt;
    return DayRow{std::string(key.substr(0, divider)), is_logs ? RowKind::logs : RowKind::plugins,
                  std::string(name), *day};
}

std::string format_day_row(const DayRow& row) {
    std::string key;
    if (row.kind == RowKind::alerts) {
        key = kAlerts;
    } else {
        key.reserve(row.client.size() + row.name.size() + 24);
        key += row.client;
        key += row.kind == RowKind::plugins ? kPlugins : kLogs;
        key += row.name;
        key += ':';
    }
    append_date(row.day, key);
    return key;
}

std::int32_t day_of(std::int64_t time_ms) {
    const std::int64_t day = time_ms / kDayMs - (time_ms % kDayMs < 0 ? 1 : 0);
    // Times at the far ends of the clock stay at the far ends of the calendar.
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(day, INT32_MIN, INT32_MAX));
}

std::string log_key_name(std::string_view path) {
    std::string name(path);
    for (char& c : name) {
        if (c == '/') c = '_';
    }
    return name;
}

}  // namespace nmstore
