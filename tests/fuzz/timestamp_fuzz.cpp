// Times: any instant that is written is read again, and whatever is read lies in the calendar.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "ingest/log_lines.h"

namespace {

constexpr std::int64_t kFirstMs = -62'167'219'200'000;
constexpr std::int64_t kLastMs = 253'402'300'799'999;

std::string written(std::int64_t ms) {
    const auto day = std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
    const std::chrono::year_month_day date(day);
    const auto rest = static_cast<int>(ms - std::chrono::milliseconds(day.time_since_epoch()).count());
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3'600'000,
                  rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using nmstore::ingest::parse_timestamp_ms;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto ms = parse_timestamp_ms(text)) {
        NM_CHECK(*ms >= kFirstMs && *ms <= kLastMs);
        NM_CHECK(parse_timestamp_ms(written(*ms)) == *ms);
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, text.data(), size < sizeof bits ? size : sizeof bits);
    const auto span = static_cast<std::uint64_t>(kLastMs - kFirstMs);
    const auto ms = kFirstMs + static_cast<std::int64_t>(bits % span);
    NM_CHECK(parse_timestamp_ms(written(ms)) == ms);
    // As a plain number of milliseconds where its size tells that it is one.
    if (ms >= 100'000'000'000 && ms < 100'000'000'000'000) {
        NM_CHECK(parse_timestamp_ms(std::to_string(ms)) == ms);
        NM_CHECK(parse_timestamp_ms(std::to_string(ms) + "999") == ms);
    }
    return 0;
}
