#include "query/reading_number.h"

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "query/reading_total.h"
#include "tests/catch.h"

using namespace nmstore::query;

namespace {

double value_of(const std::string& text) {
    const auto reading = parse_reading(text);
    REQUIRE(reading);
    return reading->value();
}

}  // namespace

TEST_CASE("readings: what is a number") {
    for (const std::string text : {"0",
                                   "93",
                                   "-5",
                                   "0.5",
                                   "-0.50",
                                   "1e3",
                                   "1E-3",
                                   "1.5e+2",
                                   "5.",
                                   ".5",
                                   "-.5e1",
                                   "007",
                                   "1e22",
                                   "1e23",
                                   "123456789012345678",
                                   "1234567890123456789",
                                   "0.1234567890123",
                                   "1e-300",
                                   "1.7976931348623157e308",
                                   "9007199254740993",
                                   "0.30000000000000004",
                                   "100000000000000000000000",
                                   "4.9e-324",
                                   "0000000000000000000000000000000012.5",
                                   "1.50000000000000000000000000"}) {
        INFO(text);
        CHECK(value_of(text) == std::strtod(text.c_str(), nullptr));
    }
    CHECK(value_of("+7") == 7);
    CHECK(value_of("+123456789012345678901") == 123456789012345678901.0);
    for (const std::string zero : {"-0", "0e5", "-0.000", "0.0e-99999999999999999999", "1e-400", "-1e-400"}) {
        INFO(zero);
        CHECK(value_of(zero) == 0);
        CHECK_FALSE(std::signbit(value_of(zero)));
    }
    for (const std::string text : {"",         "-",    "+",     ".",     "-.",
                                   "e5",       "1e",   "1e+",   "1.2.3", "1 ",
                                   " 1",       "0x1f", "NaN",   "nan",   "inf",
                                   "Infinity", "true", "null",  "12abc", "1,5",
                                   "--1",      "1-",   "1e5.0", "1e400", "-1e99999999999999999999",
                                   "\xD9\xA3"}) {
        INFO(text);
        CHECK_FALSE(parse_reading(text));
    }
}

TEST_CASE("readings: decimals are kept as they were written") {
    const auto reading = parse_reading("-12.50");
    REQUIRE((reading && reading->decimal));
    CHECK(reading->digits == -1250);
    CHECK(reading->scale == 2);
    CHECK(parse_reading("15e-4")->scale == 4);
    CHECK(parse_reading("1.5e3")->digits == 1500);
    CHECK_FALSE(parse_reading("1e-10")->decimal);
    CHECK_FALSE(parse_reading("1e18")->decimal);
    CHECK(parse_reading("1e17")->decimal);
}

TEST_CASE("readings: sums of decimals are exact in any order") {
    ReadingTotal total;
    for (int i = 0; i < 10; ++i) total.add(*parse_reading("0.1"));
    CHECK(total.count() == 10);
    CHECK(total.mean() == 0.1);

    // What plain doubles lose.
    ReadingTotal wide;
    wide.add(*parse_reading("100000000000000000"));
    wide.add(*parse_reading("0.000000003"));
    wide.add(*parse_reading("-100000000000000000"));
    CHECK(wide.mean() == 0.000000001);
    CHECK(wide.min() == -1e17);
    CHECK(wide.max() == 1e17);

    ReadingTotal both;
    both.add(*parse_reading("1e300"));
    both.add(*parse_reading("1"));
    both.add(*parse_reading("-1e300"));
    CHECK(both.mean() == 1.0 / 3);
}

TEST_CASE("readings: many added at once are as many added one by one") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::int64_t> digits(1 + random() % 50);
        const int scale = static_cast<int>(random() % 10);
        const std::int64_t limit = power_of_ten(1 + static_cast<int>(random() % 18));
        ReadingTotal one, parts;
        for (std::int64_t& each : digits) {
            each =
                static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * limit - 1)) - limit + 1;
            Reading reading;
            reading.digits = each;
            reading.scale = scale;
            one.add(reading);
        }
        const std::span<const std::int64_t> all(digits);
        const std::size_t cut = random() % digits.size();
        ReadingTotal second;
        parts.add_decimals(all.first(cut), scale);
        second.add_decimals(all.subspan(cut), scale);
        parts.add(second);
        CHECK(parts.count() == one.count());
        CHECK(parts.min() == one.min());
        CHECK(parts.max() == one.max());
        CHECK(parts.mean() == one.mean());
    }
}

TEST_CASE("readings: one number gives one double, however many zeros it has") {
    CHECK(value_of("0.7") == value_of("0.700000000"));
    CHECK(value_of("90071992.547409931") == value_of("90071992.54740993100000000"));
}

TEST_CASE("readings: a mean is never outside of its readings") {
    ReadingTotal total;
    for (int i = 0; i < 3; ++i) total.add(*parse_reading("0.30000000000000004"));
    CHECK(total.mean() >= total.min());
    CHECK(total.mean() <= total.max());
}
