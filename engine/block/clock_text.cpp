// Clocks in the text of lines, told by the times of the lines.
#include "engine/block/column.h"

namespace nmstore::block {
namespace {

constexpr std::int64_t kMinuteMs = 60 * 1000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;

void append_digits(std::string& text, std::int64_t number, int digits) {
    text.append(static_cast<std::size_t>(digits), '0');
    for (auto at = text.size(); digits > 0; --digits, number /= 10)
        text[--at] = static_cast<char>('0' + number % 10);
}

// Day of the month, from 1, of a day since the epoch (H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms": years begin in March there).
std::int64_t day_of_month(std::int64_t day) {
    constexpr std::int64_t kEraDays = 146097;
    const std::int64_t shifted = day + 719468;
    const std::int64_t of_era = ((shifted % kEraDays) + kEraDays) % kEraDays;
    const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t month = (5 * of_year + 2) / 153;
    return of_year - (153 * month + 2) / 5 + 1;
}

}  // namespace

void set_clock_text(int part, std::int64_t time_ms, std::int64_t zone_minutes, std::string& text) {
    // Unsigned sums wrap instead of overflowing; times so far off are on no clock anyway.
    const auto moved = static_cast<std::int64_t>(static_cast<std::uint64_t>(time_ms) +
                                                 static_cast<std::uint64_t>(zone_minutes * kMinuteMs));
    const std::int64_t day = moved / kDayMs - (moved % kDayMs < 0 ? 1 : 0);
    const std::int64_t of_day = (moved % kDayMs + kDayMs) % kDayMs;
    const std::int64_t second = of_day / 1000;
    text.clear();
    if (part == kDayAndHour) {
        append_digits(text, day_of_month(day), 2);
        text.push_back('T');
    }
    if (part == kHour || part == kClock || part == kDayAndHour) append_digits(text, second / 3600, 2);
    if (part == kMinute || part == kClock) append_digits(text, second / 60 % 60, 2);
    if (part == kSecond || part == kClock || part == kSecondZ) append_digits(text, second % 60, 2);
    if (part == kMillisecond || part == kMillisecondZ) append_digits(text, of_day % 1000, 3);
    if (part == kSecondZ || part == kMillisecondZ) text.push_back('Z');
}

}  // namespace nmstore::block
