#include "ingest/json_object.h"

#include <string>
#include <vector>

#include "ingest/body.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::ingest;
using Kind = JsonMember::Kind;

namespace {

Result<void> read(JsonObjectReader& reader, std::string& text) {
    pad_body(text);
    return reader.read(text);
}

}  // namespace

TEST_CASE("members are given as they stand, in their order") {
    std::string text =
        R"( { "a" : "x\n" , "\u0062" : -1.50 , "c":true,"d" : null,"e":{ "f" : [1] },"g":[ ],"a":"" } )";
    JsonObjectReader reader;
    REQUIRE(read(reader, text).ok());
    struct Row {
        std::string name, raw_name, raw;
        Kind kind;
    };
    const std::vector<Row> rows = {
        {"a", "a", "x\\n", Kind::text},
        {"b", "\\u0062", "-1.50", Kind::number},
        {"c", "c", "true", Kind::literal},
        {"d", "d", "null", Kind::null},
        {"e", "e", "{ \"f\" : [1] }", Kind::nested},
        {"g", "g", "[ ]", Kind::nested},
        {"a", "a", "", Kind::text},
    };
    REQUIRE(reader.members().size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        const JsonMember& member = reader.members()[i];
        CHECK(member.name == rows[i].name);
        CHECK(member.raw_name == rows[i].raw_name);
        std::string raw(member.raw);
        while (!raw.empty() && raw.back() == ' ') raw.pop_back();
        CHECK(raw == rows[i].raw);
        CHECK(member.kind == rows[i].kind);
    }
}

TEST_CASE("a reader serves one object after another") {
    JsonObjectReader reader;
    std::string big = "{\"a\":\"" + std::string(100'000, 'x') + "\"}";
    std::string empty = "{}";
    std::string bad = "{\"a\":1,}";
    CHECK(read(reader, big).ok());
    CHECK(reader.members().at(0).raw.size() == 100'000);
    CHECK(read(reader, empty).ok());
    CHECK(reader.members().empty());
    CHECK_FALSE(read(reader, bad).ok());
    CHECK(read(reader, big).ok());
    CHECK(reader.members().size() == 1);
}

TEST_CASE("what is no object is refused") {
    JsonObjectReader reader;
    for (std::string text : {"",
                             " ",
                             "[]",
                             "1",
                             "null",
                             "\"a\"",
                             "{",
                             "}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1",
                             "{\"a\":1}}",
                             "{\"a\":1} {}",
                             "{\"a\":tru}",
                             "{\"a\":01}",
                             "{\"a\":1x}",
                             "{\"a\":\"x}",
                             "{\"a\":\"\xff\"}",
                             "{\"\\q\":1}",
                             "{a:1}"}) {
        CAPTURE(text);
        const auto outcome = read(reader, text);
        REQUIRE_FALSE(outcome.ok());
        CHECK(outcome.error().code == Code::invalid_argument);
    }
}
