#include "server/told_lines.h"

#include <catch2/catch.hpp>

using namespace nmstore;
using namespace nmstore::server;

TEST_CASE("a rule is told once of a line, and of another text in its place") {
    TellLinesOnce told;
    const LineId id{10, 1, 0, 0};
    CHECK_FALSE(told.has_been_told(1, id, "boom"));
    CHECK(told.has_been_told(1, id, "boom"));
    CHECK_FALSE(told.has_been_told(2, id, "boom"));
    CHECK_FALSE(told.has_been_told(1, id, "boom again"));
    CHECK_FALSE(told.has_been_told(1, {11, 1, 0, 0}, "boom"));
    CHECK_FALSE(told.has_been_told(1, {10, 2, 0, 0}, "boom"));
    CHECK_FALSE(told.has_been_told(1, {10, 1, 0, 1}, "boom"));
    for (std::int64_t time_ms = 0; time_ms < 40'000; ++time_ms)
        (void)told.has_been_told(3, {time_ms, 1, 0, 0}, "");
    CHECK(told.has_been_told(1, id, "boom"));
    for (std::int64_t time_ms = 0; time_ms < 100'000; ++time_ms)
        (void)told.has_been_told(4, {time_ms, 1, 0, 0}, "");
    CHECK_FALSE(told.has_been_told(1, id, "boom"));
}
