#include "engine/json_string.h"

#include <string>

#include "tests/catch.h"

using namespace std::string_literals;
using nmstore::decode_json_string;
using nmstore::find_string_end;

TEST_CASE("JSON strings are decoded") {
    struct Row {
        std::string raw, expected;
        bool known;
    };
    const Row rows[] = {
        {"", "", true},
        {"plain \xc3\xa9 \xff", "plain \xc3\xa9 \xff", true},
        {R"(\n\t\r\b\f\"\\\/)", "\n\t\r\b\f\"\\/", true},
        {R"(\u0000a)", "\0a"s, true},
        {R"(\u00E9\u20aC)", "é€", true},
        {R"(\ud83d\uDE00)", "😀", true},
        {R"(\ud83dx)", "\uFFFDx", true},
        {R"(\ud83d\n)", "\uFFFD\n", true},
        {R"(\ud83d\u0041)", "\uFFFD" "A", true},
        {R"(\udc7f)", "\uFFFD", true},
        {R"(\udc80\udcff)", "\x80\xff", true},
        {R"(\udd00)", "\uFFFD", true},
        {R"(\q)", "\\q", false},
        {R"(\u12)", "\\u12", false},
        {R"(\u12g4\n)", "\\u12g4\n", false},
        {R"(\N)", "\\N", false},
        {"\\", "\\", false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.raw);
        std::string out = "before";
        CHECK(decode_json_string(row.raw, out) == row.known);
        CHECK(out == row.expected);
    }
}

TEST_CASE("a string ends at the first quote that is not escaped") {
    CHECK(find_string_end(R"("a")", 1) == 2);
    CHECK(find_string_end(R"("")", 1) == 1);
    CHECK(find_string_end(R"("\"")", 1) == 3);
    CHECK(find_string_end(R"("\\")", 1) == 3);
    CHECK(find_string_end(R"("\\\"")", 1) == 5);
    CHECK(find_string_end(R"(\")", 1) == 1);  // what lies before the content does not count
    CHECK(find_string_end(R"("a)", 1) == std::string::npos);
    CHECK(find_string_end(R"("a\")", 1) == std::string::npos);
    CHECK(find_string_end("", 0) == std::string::npos);
}
