#include "query/time_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "nmstore/value_type.h"

namespace nmstore::query {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::int64_t kMaxDurationMs = std::int64_t{100'000} * 365 * kMsPerDay;

struct Unit {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array kUnits = {Unit{"ms", 1},        Unit{"s", 1000},      Unit{"m", 60'000},
                               Unit{"h", 3'600'000}, Unit{"d", kMsPerDay}, Unit{"w", 7 * kMsPerDay}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    return n;
}

std::optional<std::int64_t> to_number(std::string_view digits) {
    std::int64_t number = 0;
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

// "90s", "1h30m": one or several numbers, each with its unit.
std::optional<std::int64_t> read_units(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::int64_t sum = 0;
    while (!text.empty()) {
        const std::size_t digits = digits_at(text);
        auto number = to_number(text.substr(0, digits));
        text.remove_prefix(digits);
        std::size_t letters = 0;
        while (letters < text.size() && !is_digit(text[letters])) ++letters;
        std::int64_t ms = 0;
        for (const Unit& unit : kUnits) {
            if (unit.name == text.substr(0, letters)) ms = unit.ms;
        }
        text.remove_prefix(letters);
        if (!number || ms == 0 || *number > kMaxDurationMs / ms) return std::nullopt;
        sum += *number * ms;
        if (sum > kMaxDurationMs) return std::nullopt;
    }
    return sum;
}

// Reads a date and time piece by piece; each take_… is false if the piece is not there.
class Rfc3339Reader {
  public:
    explicit Rfc3339Reader(std::string_view text) : rest_(text) {}
    std::optional<std::int64_t> read();

  private:
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_number(std::size_t digits, int limit, int& out) {
        if (rest_.size() < digits || digits_at(rest_.substr(0, digits)) != digits) return false;
        out = static_cast<int>(*to_number(rest_.substr(0, digits)));
        rest_.remove_prefix(digits);
        return out <= limit;
    }
    bool take_date(std::int64_t& ms);
    bool take_clock(std::int64_t& ms);
    bool take_offset(std::int64_t& ms);

    std::string_view rest_;
};

bool Rfc3339Reader::take_date(std::int64_t& ms) {
    int year = 0, month = 0, day = 0;
    if (!take_number(4, 9999, year) || !take('-') || !take_number(2, 12, month) || !take('-') ||
        !take_number(2, 31, day))
        return false;
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return false;
    ms += std::chrono::sys_days{date}.time_since_epoch().count() * kMsPerDay;
    return true;
}

bool Rfc3339Reader::take_clock(std::int64_t& ms) {
    int hour = 0, minute = 0, second = 0;
    if (!take_number(2, 23, hour) || !take(':') || !take_number(2, 59, minute)) return false;
    if (take(':') && !take_number(2, 60, second)) return false;  // 60: a leap second, counted as the next
    ms += ((hour * 60 + minute) * 60 + second) * 1000;
    if (!take('.')) return true;
    const std::size_t digits = digits_at(rest_);
    for (std::size_t i = 0, scale = 100; i < digits; ++i, scale /= 10) {
        ms += static_cast<std::int64_t>(scale) * (rest_[i] - '0');  // behind the third digit the scale is 0
    }
    rest_.remove_prefix(digits);
    return digits > 0;
}

bool Rfc3339Reader::take_offset(std::int64_t& ms) {
    if (rest_.empty() || take('Z') || take('z')) return true;
    // In a URL's query a '+' that was not escaped arrives as a blank.
    const bool east = take('+') || take(' ');
    if (!east && !take('-')) return false;
    int hours = 0, minutes = 0;
    if (!take_number(2, 23, hours)) return false;
    take(':');
    if (!take_number(2, 59, minutes)) return false;
    ms -= (east ? 1 : -1) * (hours * 60 + minutes) * std::int64_t{60'000};
    return true;
}

std::optional<std::int64_t> Rfc3339Reader::read() {
    std::int64_t ms = 0;
    if (!take_date(ms)) return std::nullopt;
    if (rest_.empty()) return ms;
    if (!take('T') && !take('t') && !take(' ')) return std::nullopt;
    if (!take_clock(ms) || !take_offset(ms) || !rest_.empty()) return std::nullopt;
    return ms;
}

std::optional<std::int64_t> read_relative(std::string_view text, std::int64_t now_ms) {
    if (text == "now") return now_ms;
    if (text.starts_with("now")) text.remove_prefix(3);
    if (text.empty() || (text.front() != '-' && text.front() != '+')) return std::nullopt;
    auto distance = read_units(text.substr(1));
    if (!distance) return std::nullopt;
    std::int64_t time = 0;
    const bool overflow = text.front() == '-' ? __builtin_sub_overflow(now_ms, *distance, &time)
                                              : __builtin_add_overflow(now_ms, *distance, &time);
    if (overflow) return std::nullopt;
    return time;
}

}  // namespace

Result<std::int64_t> parse_time(std::string_view text, std::int64_t now_ms) {
    std::optional<std::int64_t> time;
    if (!text.empty() && digits_at(text) == text.size()) {
        time = to_number(text);
    } else if (!text.empty() && is_digit(text.front())) {
        time = Rfc3339Reader(text).read();
    } else {
        time = read_relative(text, now_ms);
    }
    if (time) return *time;
    return Error{
        Code::invalid_argument,
        "\"" + printable(text) +
            "\" is not a time: expected milliseconds since 1970 (1321900000000), RFC 3339 "
            "(2011-11-21T18:26:40Z, 2011-11-21), now, or a distance from it (-15m, -1h, -7d, now-1h30m)"};
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
    const bool plain = !text.empty() && digits_at(text) == text.size();
    auto duration = plain ? to_number(text) : read_units(text);
    if (duration && *duration > 0 && *duration <= kMaxDurationMs) return *duration;
    return Error{
        Code::invalid_argument,
        "\"" + printable(text) +
            "\" is not a duration: expected 500ms, 30s, 5m, 1h, 1d, 2w or milliseconds, greater than 0"};
}

std::string format_time(std::int64_t time_ms) {
    std::int64_t days = time_ms / kMsPerDay;
    std::int64_t rest = time_ms % kMsPerDay;
    if (rest < 0) {
        rest += kMsPerDay;
        --days;
    }
    // std::chrono's years end at 32767; whole 400-year cycles (146097 days) are the same calendar.
    constexpr std::int64_t cycle_days = 146'097;
    std::int64_t cycles = days / cycle_days;
    if (days % cycle_days < 0) --cycles;
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(days - cycles * cycle_days)}}};
    const long long year = static_cast<long long>(static_cast<int>(date.year())) + cycles * 400;
    char out[64];
    const int size =
        std::snprintf(out, sizeof out, "%04lld-%02u-%02uT%02lld:%02lld:%02lld.%03lldZ", year,
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<long long>(rest / 3'600'000), static_cast<long long>(rest / 60'000 % 60),
                      static_cast<long long>(rest / 1000 % 60), static_cast<long long>(rest % 1000));
    return std::string(out, static_cast<std::size_t>(size));
}

}  // namespace nmstore::query
