#include "query/index_row.h"

#include "query/inventory.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {
constexpr std::int64_t kNoon = 1321876800000;
}

TEST_CASE("An index row of any length is read to its end") {
    MemoryStore store;
    auto batch = std::move(store.begin_cells("CFUTF8Type")).value();
    for (int i = 0; i < 3456; ++i) REQUIRE(batch->put("clients", "c" + std::to_string(i), "5").ok());
    REQUIRE(batch->commit().ok());
    CHECK(clients(store, kNoon)->size() == 3456);
}

TEST_CASE("What an index row's value says") {
    const std::pair<const char*, std::int64_t> times[] = {{"1321876800000", kNoon},
                                                          {" 1321876800000\n", kNoon},
                                                          {"\"1321876800000\"", kNoon},
                                                          {"%221321876800000%22", kNoon},
                                                          {"%25221321876800000%2522", kNoon},
                                                          {"1321876800000.5", kNoon},
                                                          {"{\"date\":1321876800000}", kNoon},
                                                          {"{\"time\":\"1321876800000\",\"x\":1}", kNoon},
                                                          {"{\"date\":{\"date\":5}}", 0},
                                                          {"2011-11-21T12:00:00Z", kNoon},
                                                          {"\"2011-11-21T12:00:00.000Z\"", kNoon},
                                                          {"", 0},
                                                          {"true", 0},
                                                          {"[5]", 0},
                                                          {"-5", 0},
                                                          {"now", 0},
                                                          {"-1h", 0},
                                                          {"yes", 0},
                                                          {"1e400", 0},
                                                          {"{\"date\":", 0},
                                                          {"nan", 0}};
    for (const auto& [value, time] : times) {
        CAPTURE(value);
        CHECK(index_time(value) == time);
    }
    const std::pair<const char*, const char*> texts[] = {{"web", "web"},
                                                         {"web%20one", "web one"},
                                                         {"%22web%22", "web"},
                                                         {"{\"tag\":\"web\"}", "web"},
                                                         {"10.0.0.1", "10.0.0.1"},
                                                         {"7", "7"},
                                                         {"null", ""},
                                                         {"", ""},
                                                         {" web ", "web"},
                                                         {"{\"other\":1}", "{\"other\":1}"}};
    for (const auto& [value, text] : texts) {
        CAPTURE(value);
        CHECK(index_text(value) == text);
    }
}

TEST_CASE("every text comes back from the value that is made of it") {
    for (const std::string text : {"web", "web one", "zw\xc3\xb6lf", "%41", "%2541", "100%", "%u0041 and %",
                                   "%25252541", "\"web\"", "null", "7", "{\"tag\":\"web\"}", "[1]", " web ",
                                   "\"%41\"", "\n", "%22web%22", "\xf0\x9f\x98\x80", "\\u0041"}) {
        CAPTURE(text);
        CHECK(index_text(index_value(text)) == text);
        CHECK(is_valid_utf8(index_value(text)));
    }
    CHECK(index_text(index_value("")).empty());
    // Most are as one escape() makes them, for those who unescape once.
    CHECK(index_value("web") == "web");
    CHECK(index_value("web one 100%") == "web%20one%20100%25");
}
