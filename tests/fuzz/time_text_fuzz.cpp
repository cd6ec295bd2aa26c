// Times and durations: what is read as a time is written as a text that is read as the same time.
#include "query/time_text.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::query;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr std::int64_t now_ms = 1'321'900'000'000;
    constexpr std::int64_t year_0 = -62'167'219'200'000, year_10000 = 253'402'300'800'000;
    const auto time = parse_time(text, now_ms);
    if (time.ok() && *time >= year_0 && *time < year_10000) {
        const auto again = parse_time(format_time(*time), 0);
        NM_CHECK(again.ok() && *again == *time);
    }
    const auto duration = parse_duration_ms(text);
    if (duration.ok()) NM_CHECK(*duration > 0);
    return 0;
}
