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

PullTask task_to(const std::string& to) {
    return {"http://a", to, {}, true};
}

TEST_CASE("the place of a pull is kept as a whole, and is of one pull") {
    const testing::TempDirectory directory;
    const std::string path = directory / "state/pull.json";
    const PullTask task{"http://a", "/data", {"Names", "\xff"}, false};
    PullPlace place;
    place.family = std::string("Names\0", 6);
    place.row = "r\xff\"\n";
    place.column = "c";
    place.row_done = true;
    place.counts = {1, 2, 3, 4, 5};
    const KeptPlace kept{"0123456789abcdef", place};
    {
        const auto state = PullState::open(path, task);
        REQUIRE(state.ok());
        CHECK_FALSE(state->load().value());
        REQUIRE(state->save(kept).ok());
        CHECK(PullState::open(path, task).error().code == Code::busy);
    }
    const auto again = PullState::open(path, task);
    REQUIRE(again.ok());
    CHECK(again->load().value() == kept);
}

TEST_CASE("another pull's place, and what is none, is refused") {
    const testing::TempDirectory directory;
    const std::string path = directory / "pull.json";
    REQUIRE(PullState::open(path, task_to("/data"))->save({}).ok());
    PullTask from = task_to("/data");
    from.from = "http://b";
    PullTask families = task_to("/data");
    families.families = {"Names"};
    PullTask counters = task_to("/data");
    counters.counters = false;
    for (const PullTask& other : {from, task_to("/other"), families, counters})
        CHECK(PullState::open(path, other)->load().error().code == Code::conflict);
    CHECK(PullState::open(path, task_to("/data"))->load().ok());
    // One that does not say what it is about is none.
    for (const char* text : {"", "{}", "[]", "{\"version\":3,\"copied\":{}}", "{\"version\":2}",
                             "{\"version\":1,\"from\":\"http://a\",\"to\":\"/data\",\"copied\":{}}",
                             "{\"version\":2,\"from\":\"http://a\",\"to\":\"/data\",\"copied\":{}}",
                             "{\"version\":2,\"from\":\"http://a\",\"to\":\"/data\",\"families\":[1],"
                             "\"with_counters\":true,\"copied\":{}}"}) {
        CAPTURE(text);
        std::ofstream(path) << text;
        CHECK(PullState::open(path, task_to("/data"))->load().error().code == Code::corruption);
    }
    const auto state = PullState::open(path, task_to("/data"));
    CHECK(state->remove().ok());
    CHECK(state->remove().ok());
    CHECK_FALSE(state->load().value());
}

}  // namespace
}  // namespace nmstore::tools
