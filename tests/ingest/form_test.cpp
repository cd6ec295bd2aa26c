#include "ingest/form.h"

#include <string>

#include "tests/catch.h"

using nmstore::ingest::decode_percent;
using nmstore::ingest::FormFields;
using nmstore::ingest::parse_form;
using namespace std::string_literals;

TEST_CASE("forms are read as agents write them") {
    struct Row {
        std::string text;
        FormFields expected;
    };
    const Row rows[] = {
        {"", {}},
        {"a=1", {{"a", "1"}}},
        {"a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
        {"a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
        {"a", {{"a", ""}}},
        {"a=", {{"a", ""}}},
        {"=v", {{"", "v"}}},
        {"a=b=c", {{"a", "b=c"}}},
        {"a+b=c+d", {{"a b", "c d"}}},
        {"%61%3D=%26%2B", {{"a=", "&+"}}},
        {"a=%257B", {{"a", "%7B"}}},
        {"a=%u20AC", {{"a", "%u20AC"}}},
        {"a=%zz%4", {{"a", "%zz%4"}}},
        {"a=100%", {{"a", "100%"}}},
        {"a=%00%ff", {{"a", "\0\xff"s}}},
        {"a=\xc3\xa9;b", {{"a", "\xc3\xa9;b"}}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto parsed = parse_form(row.text);
        REQUIRE(parsed.ok());
        CHECK(*parsed == row.expected);
    }
}

TEST_CASE("a form of too many fields is refused") {
    CHECK(parse_form("a&b&c", 3).ok());
    const auto parsed = parse_form("a&b&c&d", 3);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == nmstore::Code::too_large);
}

TEST_CASE("segments of a path keep their '+'") {
    CHECK(decode_percent("a+b%20c%2Fd%") == "a+b c/d%");
    CHECK(decode_percent("10.0.0.1%3Alogs%3A_var_log_syslog%3A2011:5:22") ==
          "10.0.0.1:logs:_var_log_syslog:2011:5:22");
    CHECK(decode_percent("%00\xff") == "\0\xff"s);
}
