#include "nmstore/clock.h"

#include "tests/catch.h"

TEST_CASE("the system clock tells milliseconds since the epoch") {
    const auto now = nmstore::system_clock().now_ms();
    CHECK(now > 1'600'000'000'000);
    CHECK(now < 32'503'680'000'000);
}
