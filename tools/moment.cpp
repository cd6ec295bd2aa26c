#include "tools/moment.h"

#include <time.h>

namespace nmstore::tools {
namespace {

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

}  // namespace

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

}  // namespace nmstore::tools
