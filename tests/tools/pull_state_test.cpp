// What a pull remembers, and the parts of it that need no server.
#include "tools/pull_state.h"

#include <fstream>

#include "tests/catch.h"
#include "tests/temp_directory.h"
#include "tools/json_text.h"
#include "tools/pull_target.h"

namespace nmstore::tools {
namespace {

TEST_CASE("members come in the order in which they stand, byte for byte") {
    const auto members = parse_members(
        R"({"10":"b","9":"a","\udcff\u0000":"\udcfe","n":12345678901234567890,"f":1.50,"o":{"x":[1,{"y":2}]},"t":true,"z":null})");
    REQUIRE(members.ok());
    CHECK(*members == Members{{"10", "b"},
                              {"9", "a"},
                              {std::string("\xff\0", 2), "\xfe"},
                              {"n", "12345678901234567890"},
                              {"f", "1.50"},
                              {"o", ""},
                              {"t", "true"},
                              {"z", ""}});
    CHECK(parse_members("{}").value().empty());
    for (const char* text : {"", "[]", "[{\"a\":1}]", "{\"a\":", "1", "{\"a\":1}x"}) {
        CAPTURE(text);
        CHECK(parse_members(text).error().code == Code::corruption);
    }
}

TEST_CASE("a counter is moved by what it lacks, around the ends of its numbers too") {
    CHECK(counter_step(5, 3) == 2);
    CHECK(counter_step(-5, 3) == -8);
    CHECK(counter_step(INT64_MAX, -1) == INT64_MIN);
    CHECK(counter_step(INT64_MIN, 1) == INT64_MAX);
    CHECK(parse_counter("-9223372036854775808") == INT64_MIN);
    for (const char* text : {"", "1.5", "9223372036854775808", " 1", "1 ", "x"})
        CHECK_FALSE(parse_counter(text));
}

TEST_CASE("the place of a pull is kept as a whole, and is of one pull") {
    const testing::TempDirectory directory;
    const std::string path = directory / "state/pull.json";
    PullPlace place;
    place.family = std::string("Names\0", 6);
    place.row = "r\xff\"\n";
    place.column = "c";
    place.row_done = true;
    place.counts = {1, 2, 3, 4, 5};
    {
        const auto state = PullState::open(path, "http://a", "/data");
        REQUIRE(state.ok());
        CHECK_FALSE(state->load().value());
        REQUIRE(state->save(place).ok());
        CHECK(PullState::open(path, "http://a", "/data").error().code == Code::busy);
    }
    const auto again = PullState::open(path, "http://a", "/data");
    REQUIRE(again.ok());
    CHECK(again->load().value() == place);
}

TEST_CASE("another pull's place, and what is none, is refused") {
    const testing::TempDirectory directory;
    const std::string path = directory / "pull.json";
    REQUIRE(PullState::open(path, "http://a", "/data")->save({}).ok());
    CHECK(PullState::open(path, "http://b", "/data")->load().error().code == Code::conflict);
    CHECK(PullState::open(path, "http://a", "/other")->load().error().code == Code::conflict);
    for (const char* text : {"", "{}", "[]", "{\"version\":2,\"copied\":{}}", "{\"version\":1}"}) {
        CAPTURE(text);
        std::ofstream(path) << text;
        CHECK(PullState::open(path, "http://a", "/data")->load().error().code == Code::corruption);
    }
    const auto state = PullState::open(path, "http://a", "/data");
    CHECK(state->remove().ok());
    CHECK(state->remove().ok());
    CHECK_FALSE(state->load().value());
}

}  // namespace
}  // namespace nmstore::tools
