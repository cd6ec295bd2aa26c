#include "tools/line_time.h"

#include <time.h>

#include "tools/moment.h"

namespace nmstore::tools {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kFirstEpochMs = 1'000'000'000'000;  // 2001: smaller numbers are something else

// A format gives the moment that `text` begins with; nullopt if it is of another form.
using Format = std::optional<Moment> (*)(std::string_view text);

// 2011-11-23T06:18:30.123Z, 2011-11-23 06:18:30,123, 2011/11/23 06:18:30
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

// yy/MM/dd HH:mm:ss, of Hadoop and Spark.
std::optional<Moment> read_short_year(std::string_view text) {
    Reader reader(text);
    Moment moment;
    if (!reader.short_year(moment) || !reader.literal('/') || !reader.number(2, 1, 12, moment.month) ||
        !reader.literal('/') || !reader.number(2, 1, 31, moment.day) || !reader.literal(' ') ||
        !reader.clock(moment)) {
        return std::nullopt;
    }
    return moment;
}

// yyMMdd HHmmss, of HDFS; yyMMdd HH:mm:ss, of older databases.
std::optional<Moment> read_digits(std::string_view text) {
    Reader reader(text);
    Moment moment;
    if (!reader.short_year(moment) || !reader.number(2, 1, 12, moment.month) ||
        !reader.number(2, 1, 31, moment.day) || !reader.literal(' ')) {
        return std::nullopt;
    }
    const bool read = reader.rest().substr(0, 3).ends_with(':')
                          ? reader.clock(moment)
                          : reader.number(2, 0, 23, moment.hour) && reader.number(2, 0, 59, moment.minute) &&
                                reader.number(2, 0, 60, moment.second);
    return read && reader.literal(' ') ? std::optional<Moment>(moment) : std::nullopt;
}

// Mon Dec 05 19:15:57 2005, perhaps with a fraction of the second, of Apache's error log and ctime.
std::optional<Moment> read_ctime(std::string_view text) {
    Reader reader(text);
    Moment moment;
    if (!reader.weekday() || !reader.month_name(moment.month) || !reader.literal(' ') ||
        !reader.day(moment) || !reader.literal(' ') || !reader.clock(moment)) {
        return std::nullopt;
    }
    if (reader.literal('.')) reader.fraction(moment.millisecond);
    if (!reader.literal(' ') || !reader.number(4, 1970, 9999, moment.year)) return std::nullopt;
    return moment;
}

constexpr Format kFormats[] = {read_iso, read_ctime, read_short_year, read_digits};

// Nov 23 06:18:30, of syslog. No year: 0.
std::optional<Moment> read_syslog(std::string_view text) {
    Reader reader(text);
    Moment moment;
    if (!reader.month_name(moment.month) || !reader.literal(' ') || !reader.day(moment) ||
        !reader.literal(' ') || !reader.clock(moment)) {
        return std::nullopt;
    }
    if (reader.literal('.')) reader.fraction(moment.millisecond);
    return moment;
}

// 03-17 16:13:38.811, of Android. No year: 0.
std::optional<Moment> read_android(std::string_view text) {
    Reader reader(text);
    Moment moment;
    if (!reader.number(2, 1, 12, moment.month) || !reader.literal('-') ||
        !reader.number(2, 1, 31, moment.day) || !reader.literal(' ') || !reader.clock(moment) ||
        !reader.literal('.')) {
        return std::nullopt;
    }
    reader.fraction(moment.millisecond);
    return moment;
}

constexpr Format kFormatsWithoutYear[] = {read_syslog, read_android};

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

// The latest time with this date that is no more than a day ahead of now.
std::optional<std::int64_t> in_likely_year(Moment moment, std::int64_t now_ms) {
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

// 1321900000, 1321900000.123, 1321900000123: seconds or milliseconds since 1970, if nothing else is written
// on at their end.
std::optional<std::int64_t> read_epoch(std::string_view text) {
    std::size_t digits = 0;
    std::int64_t number = 0;
    while (digits < text.size() && digits < 14 && text[digits] >= '0' && text[digits] <= '9')
        number = number * 10 + (text[digits++] - '0');
    if (digits != 10 && digits != 13) return std::nullopt;
    Reader reader(text.substr(digits));
    std::int64_t time_ms = digits == 10 ? number * 1000 : number;
    if (digits == 10 && reader.literal('.')) {
        int milliseconds = 0;
        reader.fraction(milliseconds);
        time_ms += milliseconds;
    }
    const bool ends = reader.rest().empty() || reader.one_of(" \t,;:|])");
    return ends && time_ms >= kFirstEpochMs ? std::optional<std::int64_t>(time_ms) : std::nullopt;
}

// audit(1364481363.243:24287), of the kernel's audit log.
std::optional<std::int64_t> read_audit(std::string_view line) {
    constexpr std::string_view kAudit = "audit(";
    const auto at = line.find(kAudit);
    return at == std::string_view::npos ? std::nullopt : read_epoch(line.substr(at + kAudit.size()));
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

std::optional<std::int64_t> read_any(std::string_view line, std::int64_t now_ms) {
    const std::string_view begin = without_opening(line);
    for (const Format format : kFormats) {
        if (const auto moment = format(begin)) return to_ms(*moment);
    }
    for (const Format format : kFormatsWithoutYear) {
        if (const auto moment = format(begin)) return in_likely_year(*moment, now_ms);
    }
    if (const auto epoch = read_epoch(begin)) return epoch;
    const std::string_view front = line.substr(0, kFrontBytes);
    if (const auto common = read_common_log(front)) return to_ms(*common);
    return read_audit(front);
}

}  // namespace

std::optional<std::int64_t> parse_line_time(std::string_view line, std::int64_t now_ms) {
    const auto time_ms = read_any(line, now_ms);
    if (!time_ms || *time_ms < 0 || *time_ms > now_ms + kDayMs) return std::nullopt;
    return time_ms;
}

}  // namespace nmstore::tools
