#include "tools/line_time.h"

#include <time.h>

#include <array>
#include <cstdlib>

namespace nmstore::tools {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Moment {
    int year = 0, month = 0, day = 0;  // month from 1
    int hour = 0, minute = 0, second = 0, millisecond = 0;
    std::optional<int> offset_minutes;  // nullopt: the machine's zone
};

// Reads from the front of a text; every call says whether it found what it looked for, and steps over it if
// so.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool literal(char c) {
        if (text_.empty() || text_[0] != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool one_of(std::string_view characters) {
        if (text_.empty() || characters.find(text_[0]) == std::string_view::npos) return false;
        text_.remove_prefix(1);
        return true;
    }
    // Exactly `digits` of them, within [low, high].
    bool number(std::size_t digits, int low, int high, int& out) {
        if (text_.size() < digits) return false;
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (text_[i] < '0' || text_[i] > '9') return false;
            value = value * 10 + (text_[i] - '0');
        }
        if (value < low || value > high) return false;
        text_.remove_prefix(digits);
        out = value;
        return true;
    }
    bool month_name(int& out) {
        for (std::size_t i = 0; i < kMonths.size(); ++i) {
            if (!text_.starts_with(kMonths[i])) continue;
            text_.remove_prefix(3);
            out = static_cast<int>(i) + 1;
            return true;
        }
        return false;
    }
    // Digits of a fraction, as milliseconds.
    void fraction(int& out) {
        int scale = 100;
        while (!text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
            out += (text_[0] - '0') * scale;
            scale /= 10;
            text_.remove_prefix(1);
        }
    }
    // "Z", "+01:00", "-0130", "+02", perhaps behind a blank.
    void offset(std::optional<int>& out) {
        Reader ahead = *this;
        ahead.literal(' ');
        int hours = 0, minutes = 0;
        if (ahead.literal('Z')) {
            out = 0;
        } else {
            const bool negative = !ahead.text_.empty() && ahead.text_[0] == '-';
            if (!ahead.one_of("+-") || !ahead.number(2, 0, 14, hours)) return;
            ahead.literal(':');
            ahead.number(2, 0, 59, minutes);
            out = (negative ? -1 : 1) * (hours * 60 + minutes);
        }
        *this = ahead;
    }
    bool clock(Moment& moment) {
        return number(2, 0, 23, moment.hour) && literal(':') && number(2, 0, 59, moment.minute) &&
               literal(':') && number(2, 0, 60, moment.second);
    }
    std::string_view rest() const { return text_; }

  private:
    std::string_view text_;
};

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::optional<std::int64_t> to_ms(const Moment& moment) {
    if (moment.day > days_in_month(moment.year, moment.month)) return std::nullopt;
    tm fields{};
    fields.tm_year = moment.year - 1900;
    fields.tm_mon = moment.month - 1;
    fields.tm_mday = moment.day;
    fields.tm_hour = moment.hour;
    fields.tm_min = moment.minute;
    fields.tm_sec = moment.second;
    fields.tm_isdst = -1;
    const std::int64_t seconds = moment.offset_minutes
                                     ? std::int64_t{::timegm(&fields)} - *moment.offset_minutes * 60
                                     : std::int64_t{::mktime(&fields)};
    return seconds * 1000 + moment.millisecond;
}

std::optional<Moment> read_iso(std::string_view text) {
    Reader reader(text);
    Moment moment;
    if (!reader.number(4, 1970, 9999, moment.year)) return std::nullopt;
    const char separator = reader.rest().empty() ? '\0' : reader.rest()[0];
    if (!reader.one_of("-/") || !reader.number(2, 1, 12, moment.month) || !reader.literal(separator) ||
        !reader.number(2, 1, 31, moment.day) || !reader.one_of("T t") || !reader.clock(moment)) {
        return std::nullopt;
    }
    if (reader.one_of(".,")) reader.fraction(moment.millisecond);
    reader.offset(moment.offset_minutes);
    return moment;
}

std::optional<Moment> read_common_log(std::string_view line) {
    for (std::size_t i = line.find('['); i != std::string_view::npos; i = line.find('[', i + 1)) {
        Reader reader(line.substr(i + 1));
        Moment moment;
        if (reader.number(2, 1, 31, moment.day) && reader.literal('/') && reader.month_name(moment.month) &&
            reader.literal('/') && reader.number(4, 1970, 9999, moment.year) && reader.literal(':') &&
            reader.clock(moment)) {
            reader.offset(moment.offset_minutes);
            return moment;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> read_syslog(std::string_view text, std::int64_t now_ms) {
    Reader reader(text);
    Moment moment;
    if (!reader.month_name(moment.month) || !reader.literal(' ')) return std::nullopt;
    const bool one_digit = reader.literal(' ');
    if (!reader.number(one_digit ? 1 : 2, 1, 31, moment.day) || !reader.literal(' ') || !reader.clock(moment))
        return std::nullopt;
    const time_t now = static_cast<time_t>(now_ms / 1000);
    tm today{};
    ::localtime_r(&now, &today);
    for (const int ahead : {1, 0, -1}) {
        moment.year = today.tm_year + 1900 + ahead;
        const auto time_ms = to_ms(moment);
        if (time_ms && *time_ms <= now_ms + kDayMs) return time_ms;
    }
    return std::nullopt;
}

// Behind blanks, '[', and a syslog priority.
std::string_view without_opening(std::string_view line) {
    while (!line.empty() && (line[0] == ' ' || line[0] == '\t' || line[0] == '[')) line.remove_prefix(1);
    if (!line.empty() && line[0] == '<') {
        const auto close = line.find('>');
        if (close != std::string_view::npos && close <= 4) line.remove_prefix(close + 1);
    }
    return line;
}

}  // namespace

std::optional<std::int64_t> parse_line_time(std::string_view line, std::int64_t now_ms) {
    const std::string_view begin = without_opening(line);
    std::optional<std::int64_t> time_ms;
    if (const auto iso = read_iso(begin)) {
        time_ms = to_ms(*iso);
    } else if (const auto syslog = read_syslog(begin, now_ms)) {
        time_ms = syslog;
    } else if (const auto common = read_common_log(line.substr(0, kCommonLogBytes))) {
        time_ms = to_ms(*common);
    }
    if (!time_ms || *time_ms < 0 || *time_ms > now_ms + kDayMs) return std::nullopt;
    return time_ms;
}

}  // namespace nmstore::tools
