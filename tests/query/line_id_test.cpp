#include "query/line_id.h"

#include <limits>

#include "query/search.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {
constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
constexpr auto kMax64 = std::numeric_limits<std::uint64_t>::max();
constexpr auto kMax32 = std::numeric_limits<std::uint32_t>::max();
}  // namespace

TEST_CASE("A line's id comes back from its text") {
    const LineId ids[] = {{},
                          {1321900000000, 7, 0, 3},
                          {1321900000000, 7, 123456, 0},
                          {-1, 1, 0, 0},
                          {kMin, 0, 0, 0},
                          {kMax, kMax64, kMax64, kMax32}};
    for (const LineId& id : ids) {
        const auto back = parse_line_id(format_line_id(id));
        REQUIRE(back.ok());
        CHECK(back.value() == id);
    }
    CHECK(format_line_id({1321900000000, 7, 0, 3}).size() < 20);
}

TEST_CASE("What is no line's id is refused") {
    const std::string good = format_line_id({1321900000000, 7, 5, 3});
    OpaqueWriter newer;
    newer.number(2);
    write_line_id(newer, {1, 2, 3, 4});
    OpaqueWriter wide;
    wide.number(1);
    for (int i = 0; i < 4; ++i) wide.number(kMax64);
    for (const std::string& text :
         {std::string(), good.substr(1), good.substr(0, good.size() - 2), good + "AA", good + "=",
          newer.text(), wide.text(), std::string("1321900000000"), std::string(5000, 'A')})
        CHECK(parse_line_id(text).error().code == Code::invalid_argument);
}

TEST_CASE("Neighbours in the order of all lines") {
    CHECK(next_line_id({5, 6, 7, 8}) == LineId{5, 6, 7, 9});
    CHECK(next_line_id({5, 6, 7, kMax32}) == LineId{5, 6, 8, 0});
    CHECK(next_line_id({5, 6, kMax64, kMax32}) == LineId{5, 7, 0, 0});
    CHECK(next_line_id(last_line_id(5, kMax64)) == first_line_id(6, 0));
    CHECK(next_line_id(last_line_id(kMax, kMax64)) == last_line_id(kMax, kMax64));
    CHECK(previous_line_id({5, 6, 7, 8}) == LineId{5, 6, 7, 7});
    CHECK(previous_line_id(first_line_id(6, 0)) == last_line_id(5, kMax64));
    CHECK(previous_line_id(first_line_id(kMin, 0)) == first_line_id(kMin, 0));
}
