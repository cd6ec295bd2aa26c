#include "query/time_text.h"

#include <random>
#include <string>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

constexpr std::int64_t kNow = 1'321'900'000'000;  // 2011-11-21T18:26:40Z

}  // namespace

TEST_CASE("times") {
    struct Case {
        const char* text;
        std::int64_t ms;
    };
    const Case cases[] = {
        {"0", 0},
        {"1321900000000", kNow},
        {"2011-11-21T18:26:40Z", kNow},
        {"2011-11-21T18:26:40z", kNow},
        {"2011-11-21t18:26:40.5Z", kNow + 500},
        {"2011-11-21T18:26:40.1239Z", kNow + 123},
        {"2011-11-21T18:26:40.123456789Z", kNow + 123},
        {"2011-11-21 18:26:40", kNow},
        {"2011-11-21T18:26:40", kNow},
        {"2011-11-21T18:26", kNow - 40'000},
        {"2011-11-21", kNow - 66'400'000},
        {"2011-11-21T19:26:40+01:00", kNow},
        {"2011-11-21T19:26:40 01:00", kNow},
        {"2011-11-21T19:26:40+0100", kNow},
        {"2011-11-21T12:56:40-05:30", kNow},
        {"2011-11-21T18:26:40-00:00", kNow},
        {"1970-01-01", 0},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2000-02-29", 951'782'400'000},
        {"2016-12-31T23:59:60Z", 1'483'228'800'000},
        {"0000-01-01", -62'167'219'200'000},
        {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
        {"now", kNow},
        {"-90s", kNow - 90'000},
        {"-15m", kNow - 900'000},
        {"-1h", kNow - 3'600'000},
        {"-7d", kNow - 604'800'000},
        {"-2w", kNow - 1'209'600'000},
        {"-250ms", kNow - 250},
        {"now-1h", kNow - 3'600'000},
        {"now-1h30m", kNow - 5'400'000},
        {"now+5m", kNow + 300'000},
        {"+5m", kNow + 300'000},
    };
    for (const Case& c : cases) {
        INFO("time: " << c.text);
        auto time = parse_time(c.text, kNow);
        REQUIRE(time.ok());
        CHECK(*time == c.ms);
    }
}

TEST_CASE("what is no time") {
    for (const char* text : {"",
                             " ",
                             "x",
                             "-",
                             "-5",
                             "+",
                             "-s",
                             "-1x",
                             "-1",
                             "-1h-",
                             "-1.5h",
                             "now1h",
                             "now-",
                             "nowadays",
                             "Now",
                             "12345678901234567890",
                             "2011-13-01",
                             "2011-00-01",
                             "2011-02-29",
                             "2011-01-32",
                             "2011-1-1",
                             "2011-11",
                             "11-11-21",
                             "20111121T",
                             "2011-11-21T",
                             "2011-11-21T18",
                             "2011-11-21T24:00",
                             "2011-11-21T18:60",
                             "2011-11-21T18:26:61",
                             "2011-11-21T18:26:40.",
                             "2011-11-21T18:26:40.Z",
                             "2011-11-21T18:26:40+1",
                             "2011-11-21T18:26:40+24:00",
                             "2011-11-21T18:26:40Zx",
                             "2011-11-21Z",
                             "2011-11-21T18:26:40 ",
                             "-99999999999999999999s",
                             "-9999999999999w",
                             "1h",
                             "5m",
                             "1321900000000ms"}) {
        INFO("time: " << text);
        auto time = parse_time(text, kNow);
        REQUIRE(!time.ok());
        CHECK(time.error().code == Code::invalid_argument);
        CHECK(time.error().message.find("RFC 3339") != std::string::npos);
    }
    CHECK(!parse_time("-1h", INT64_MIN).ok());
    CHECK(!parse_time("+1h", INT64_MAX).ok());
}

TEST_CASE("durations") {
    struct Case {
        const char* text;
        std::int64_t ms;
    };
    for (const Case& c : {Case{"1", 1}, Case{"500ms", 500}, Case{"30s", 30'000}, Case{"5m", 300'000},
                          Case{"1h", 3'600'000}, Case{"1d", 86'400'000}, Case{"2w", 1'209'600'000},
                          Case{"1h30m", 5'400'000}, Case{"60000", 60'000}}) {
        INFO("duration: " << c.text);
        auto duration = parse_duration_ms(c.text);
        REQUIRE(duration.ok());
        CHECK(*duration == c.ms);
    }
    for (const char* text : {"", "0", "0s", "-1s", "-5", "s", "5x", "5 m", "5M", "m5", "1.5h",
                             "99999999999999999999", "9999999999999999", "99999999999w", "5m "}) {
        INFO("duration: " << text);
        auto duration = parse_duration_ms(text);
        REQUIRE(!duration.ok());
        CHECK(duration.error().code == Code::invalid_argument);
    }
}

TEST_CASE("times are written so that they are read again") {
    CHECK(format_time(kNow + 500) == "2011-11-21T18:26:40.500Z");
    CHECK(format_time(0) == "1970-01-01T00:00:00.000Z");
    CHECK(format_time(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(format_time(951'782'400'000) == "2000-02-29T00:00:00.000Z");
    CHECK(format_time(253'402'300'799'999) == "9999-12-31T23:59:59.999Z");
    CHECK(format_time(253'402'300'800'000) == "10000-01-01T00:00:00.000Z");
    CHECK(!format_time(INT64_MIN).empty());
    CHECK(!format_time(INT64_MAX).empty());
    std::mt19937_64 random(3);
    std::uniform_int_distribution<std::int64_t> any(-62'167'219'200'000, 253'402'300'799'999);
    for (int i = 0; i < 5000; ++i) {
        const std::int64_t ms = any(random);
        auto again = parse_time(format_time(ms), 0);
        if (!again || *again != ms) FAIL(format_time(ms));
    }
}
