#include "ingest/json_object.h"

#include <random>
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

TEST_CASE("what is read the quick way is what is read the long way") {
    const std::vector<std::string> parts = {"{",        "}",
                                            "\"",       "\"a\"",
                                            "\"_msg\"", ":",
                                            ",",        " ",
                                            "\n",       "12",
                                            "-1.5",     "1e",
                                            "true",     "null",
                                            "nul",      "[1]",
                                            "{}",       "\\n",
                                            "\xc3\xa9", "\x01",
                                            "\x7f",     "\"text of a line\"",
                                            "01",       "\"" + std::string(40, 'x') + "\""};
    const std::vector<std::string> members = {"\"a\":1",     "\"b\" : \"text\"", "\"c\":\"\"",
                                              "\"d\":null ", "\"e\":false",      "\"\":-2.5e3"};
    std::mt19937 random(1);
    JsonObjectReader quick;
    JsonObjectReader slow;
    std::size_t flat = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = "{";
        for (auto n = random() % 4; n > 0; --n) {
            text += members[random() % members.size()];
            text += n > 1 ? "," : "}";
        }
        if (random() % 3 == 0) text.insert(random() % (text.size() + 1), parts[random() % parts.size()]);
        if (random() % 3 == 0) text += parts[random() % parts.size()];
        INFO(text);
        pad_body(text);
        std::size_t size = 0;
        if (!quick.read_flat(text, size)) {
            // Nothing that is easy may be left to the long way.
            const bool hard = text.find_first_of("\\[\x01\xc3") != std::string::npos ||
                              text.find('{', 1) != std::string::npos ||
                              text.find_first_not_of("{} \n") == std::string::npos;
            if (!hard) REQUIRE_FALSE(slow.read(text).ok());
            continue;
        }
        ++flat;
        std::string alone = text.substr(0, size);
        REQUIRE(read(slow, alone).ok());
        REQUIRE(quick.members().size() == slow.members().size());
        for (std::size_t i = 0; i < quick.members().size(); ++i) {
            REQUIRE(quick.members()[i].name == slow.members()[i].name);
            REQUIRE(quick.members()[i].raw_name == slow.members()[i].raw_name);
            REQUIRE(quick.members()[i].raw == slow.members()[i].raw);
            REQUIRE(quick.members()[i].kind == slow.members()[i].kind);
            REQUIRE_FALSE(quick.members()[i].escaped);
        }
    }
    CHECK(flat > 5'000);
}

TEST_CASE("a text that does not end is not read beyond the body") {
    JsonObjectReader reader;
    for (std::size_t length = 0; length < 40; ++length) {
        for (const std::string& begin :
             {std::string("{\""), std::string("{\"a\":\""), std::string("{\"a\":1")}) {
            std::string text = begin + std::string(length, '1');
            pad_body(text);
            std::size_t size = 0;
            CHECK_FALSE(reader.read_flat(text, size));
            // The quote behind it belongs to somebody else.
            std::string body = text + "\"}";
            pad_body(body);
            CHECK_FALSE(reader.read_flat(std::string_view(body).substr(0, text.size()), size));
        }
    }
}
