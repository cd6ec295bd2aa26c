#include "ingest/form.h"

#include <string>

#include "tests/catch.h"

using nmstore::ingest::decode_percent;
using nmstore::ingest::FormFields;
using nmstore::ingest::parse_columns;
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

TEST_CASE("columns of a post: what no form encoder made is an escape()d value, kept as sent") {
    struct Row {
        std::string sent, value;
    };
    const std::vector<Row> table{
        {"hello+world", "hello world"},
        {"hello%20world", "hello world"},
        {"a%2Bb%20c", "a+b c"},
        {"caf%C3%A9", "café"},
        {"%7B%22date%22%3A5%7D", "{\"date\":5}"},
        {"%257B%2522date%2522%253A5%257D", "%7B%22date%22%3A5%7D"},
        {"100%", "100%"},
        {"50%25", "50%"},
        {"a+b%20c", "a+b%20c"},
        {"caf%E9", "caf\xe9"},
        {"%FF%FE", "\xff\xfe"},
        {"%7B%22returned%22%3A%22caf%E9%22%7D", "%7B%22returned%22%3A%22caf%E9%22%7D"},
        {"%7B%00%FF%7D", "{\x00\xff}"s},
        {"%FF%00%22", "\xff\x00\""s},
        {"%u20AC", "%u20AC"},
        {"snow%20%u2603+1", "snow%20%u2603+1"},
        {"%u20", "%u20"},
        {"%uXYZW+x", "%uXYZW x"},
        {"", ""},
    };
    for (const Row& row : table) {
        INFO(row.sent);
        const auto fields = parse_columns("c+1=" + row.sent + "&d=x+y");
        REQUIRE(fields.ok());
        REQUIRE(fields->size() == 2);
        CHECK((*fields)[0] == std::pair<std::string, std::string>("c 1", row.value));
        CHECK((*fields)[1].second == "x y");
    }
}
