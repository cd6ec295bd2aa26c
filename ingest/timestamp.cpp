// Points in time as the writers of JSON lines put them: RFC 3339, or a number whose size tells its unit.
#include <charconv>
#include <chrono>
#include <cmath>

#include "ingest/log_lines.h"

namespace nmstore::ingest {
namespace {

// The calendar that rows have: years 0 to 9999.
constexpr std::int64_t kFirstMs = -62'167'219'200'000;
constexpr std::int64_t kLastMs = 253'402'300'799'999;

// A number below this is in seconds, below a thousand times this in milliseconds, and so on: seconds up to
// the year 5138, milliseconds from 1973 on.
constexpr std::int64_t kMaxSeconds = 100'000'000'000;

std::optional<std::int64_t> within_calendar(std::int64_t ms) {
    if (ms < kFirstMs || ms > kLastMs) return std::nullopt;
    return ms;
}

// Reads along a text; each call takes what it names or fails.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool digits(std::size_t count, int& number) {
        if (text_.size() < count) return false;
        number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_digit(text_[i])) return false;
            number = number * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(count);
        return true;
    }
    bool one_of(std::string_view characters) {
        if (text_.empty() || characters.find(text_[0]) == std::string_view::npos) return false;
        text_.remove_prefix(1);
        return true;
    }
    // The digits of a fraction, as milliseconds; what is finer is cut off.
    bool fraction_ms(int& ms) {
        ms = 0;
        int scale = 100;
        std::size_t count = 0;
        for (; !text_.empty() && is_digit(text_[0]); text_.remove_prefix(1), ++count) {
            ms += (text_[0] - '0') * scale;
            scale /= 10;
        }
        return count > 0;
    }
    bool at_end() const { return text_.empty(); }
    bool at_digit() const { return !text_.empty() && is_digit(text_[0]); }
    char first() const { return text_.empty() ? '\0' : text_[0]; }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    std::string_view text_;
};

// Z, ±hh:mm, ±hhmm, ±hh or nothing (UTC).
bool read_offset(Reader& reader, int& minutes) {
    minutes = 0;
    if (reader.at_end() || reader.one_of("Zz")) return reader.at_end();
    const bool west = reader.first() == '-';
    int hours = 0;
    int rest = 0;
    if (!reader.one_of("+-") || !reader.digits(2, hours) || hours > 23) return false;
    if (!reader.at_end()) {
        reader.one_of(":");
        if (!reader.digits(2, rest) || rest > 59) return false;
    }
    minutes = (hours * 60 + rest) * (west ? -1 : 1);
    return reader.at_end();
}

std::optional<std::int64_t> parse_date_time(std::string_view text) {
    Reader reader(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, offset = 0;
    if (!reader.digits(4, year) || !reader.one_of("-") || !reader.digits(2, month) || !reader.one_of("-") ||
        !reader.digits(2, day)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    if (!reader.at_end()) {
        if (!reader.one_of("Tt ") || !reader.digits(2, hour) || !reader.one_of(":") ||
            !reader.digits(2, minute))
            return std::nullopt;
        if (reader.one_of(":") && !reader.digits(2, second)) return std::nullopt;
        if (reader.one_of(".,") && !reader.fraction_ms(ms)) return std::nullopt;
        // 60 is a leap second: the same as the first one after it.
        if (hour > 23 || minute > 59 || second > 60 || !read_offset(reader, offset)) return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second;
    return within_calendar(seconds * 1000 + ms);
}

std::int64_t floor_divide(std::int64_t number, std::int64_t divisor) {
    return number / divisor - (number % divisor < 0 ? 1 : 0);
}

std::optional<std::int64_t> from_whole_number(std::int64_t number) {
    const std::int64_t size = number < 0 ? -(number + 1) : number;
    if (size < kMaxSeconds) return within_calendar(number * 1000);
    if (size < kMaxSeconds * 1000) return within_calendar(number);
    if (size < kMaxSeconds * 1'000'000) return within_calendar(floor_divide(number, 1000));
    return within_calendar(floor_divide(number, 1'000'000));
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    std::int64_t whole = 0;
    const auto [rest, error] = std::from_chars(begin, end, whole);
    if (error != std::errc()) return std::nullopt;
    if (rest == end) return from_whole_number(whole);
    // Seconds with a fraction are common, and a double would lose their last digits.
    Reader reader(text.substr(static_cast<std::size_t>(rest - begin)));
    int ms = 0;
    if (reader.one_of(".") && reader.fraction_ms(ms) && reader.at_end()) {
        if (whole >= kMaxSeconds || whole <= -kMaxSeconds) return from_whole_number(whole);
        return within_calendar(whole * 1000 + (text[0] == '-' ? -ms : ms));
    }
    double number = 0;
    const auto [last, bad] = std::from_chars(begin, end, number);
    if (bad != std::errc() || last != end || !(std::abs(number) < 9e18)) return std::nullopt;
    if (std::abs(number) < static_cast<double>(kMaxSeconds))
        return within_calendar(static_cast<std::int64_t>(std::floor(number * 1000)));
    return from_whole_number(static_cast<std::int64_t>(number));
}

}  // namespace

std::optional<std::int64_t> parse_timestamp_ms(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    if (text.size() > 4 && text[4] == '-') return parse_date_time(text);
    return parse_number(text);
}

}  // namespace nmstore::ingest
