// Columns that show the times of their lines.
#include <array>

#include "engine/block/column_write.h"

namespace nmstore::block {
namespace {

constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// The number that such a clock shows. `of_day`: milliseconds.
std::uint64_t number_of(int part, std::uint64_t of_day) {
    const std::uint64_t second = of_day / 1000;
    switch (part) {
        case kHour:
            return second / 3600;
        case kMinute:
            return second / 60 % 60;
        case kSecond:
            return second % 60;
        case kClock:
            return second / 3600 * 10'000 + second / 60 % 60 * 100 + second % 60;
        default:
            return of_day % 1000;
    }
}

bool is_number_clock(int part) {
    return part <= kMillisecond;
}

// Whether the value on each line is what the clock shows then, of a clock that is a number.
bool shows_numbers(int part, const WrittenColumn& column, const ValueTable& table,
                   const std::vector<std::int64_t>& times_ms, std::int64_t zone_minutes) {
    const auto zone_ms = static_cast<std::uint64_t>(zone_minutes * 60'000);
    for (std::size_t i = 0; i < times_ms.size(); ++i) {
        const auto moved = static_cast<std::int64_t>(static_cast<std::uint64_t>(times_ms[i]) + zone_ms);
        const std::int64_t of_day = moved % kDayMs;
        const std::uint64_t shown =
            number_of(part, static_cast<std::uint64_t>(of_day < 0 ? of_day + kDayMs : of_day));
        if (table[column.distinct[column.places[i]]].number != shown) return false;
    }
    return true;
}

}  // namespace

int clock_part_of(const WrittenColumn& column, const ValueTable& table,
                  const std::vector<std::int64_t>& times_ms, std::int64_t zone_minutes) {
    constexpr std::array<std::size_t, kClockParts> kSizes{2, 2, 2, 6, 3, 5, 3, 4};
    const ColumnSummary& summary = column.summary;
    if (summary.shortest != summary.longest || summary.longest > 6) return kClockParts;
    std::string text;
    for (int part = 0; part < kClockParts; ++part) {
        if (summary.longest != kSizes[static_cast<std::size_t>(part)]) continue;
        if (is_number_clock(part)) {
            if (summary.number && shows_numbers(part, column, table, times_ms, zone_minutes)) return part;
            continue;
        }
        std::size_t i = 0;
        for (; i < times_ms.size(); ++i) {
            set_clock_text(part, times_ms[i], zone_minutes, text);
            if (table[column.distinct[column.places[i]]].text != text) break;
        }
        if (i == times_ms.size()) return part;
    }
    return kClockParts;
}

}  // namespace nmstore::block
