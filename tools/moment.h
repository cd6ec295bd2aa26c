// A date and a time of day, read piece by piece from the front of a text: what the formats of line_time.h are
// made of.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nmstore::tools {

inline constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
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
    // Two digits: 1970 to 2069.
    bool short_year(Moment& moment) {
        if (!number(2, 0, 99, moment.year)) return false;
        moment.year += moment.year < 70 ? 2000 : 1900;
        return true;
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
    // "Mon " …
    bool weekday() {
        constexpr std::string_view kDays = "Mon Tue Wed Thu Fri Sat Sun ";
        if (text_.size() < 4 || text_[3] != ' ') return false;
        const auto at = kDays.find(text_.substr(0, 4));
        if (at == std::string_view::npos || at % 4 != 0) return false;
        text_.remove_prefix(4);
        return true;
    }
    // " 3" or "13" or "03".
    bool day(Moment& moment) {
        if (literal(' ')) return number(1, 1, 9, moment.day);
        return number(2, 1, 31, moment.day);
    }
    bool clock(Moment& moment) {
        return number(2, 0, 23, moment.hour) && literal(':') && number(2, 0, 59, moment.minute) &&
               literal(':') && number(2, 0, 60, moment.second);
    }
    std::string_view rest() const { return text_; }

  private:
    std::string_view text_;
};

// nullopt: a date that does not exist.
std::optional<std::int64_t> to_ms(const Moment& moment);

}  // namespace nmstore::tools
