#include "server/json_writer.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.h"

using nmstore::server::append_json_string;
using nmstore::server::JsonWriter;

TEST_CASE("strings are escaped as JSON asks") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", R"("")"},
        {"plain text", R"("plain text")"},
        {"a\"b\\c/d", R"("a\"b\\c/d")"},
        {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
        {std::string("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
        {"\x7f", "\"\x7f\""},
        {"grün €, 𝄞", "\"grün €, 𝄞\""},
        {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
    };
    for (const auto& [text, json] : table) {
        std::string out;
        append_json_string(text, out);
        CHECK(out == json);
    }
}

TEST_CASE("bytes that are not UTF-8 become lone surrogates, one for each byte") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"\xff", R"("\udcff")"},
        {"a\x80z", R"("a\udc80z")"},
        {"\xc3", R"("\udcc3")"},                      // cut short
        {"\xe2\x82", R"("\udce2\udc82")"},            // cut short
        {"\xf0\x9d\x84", R"("\udcf0\udc9d\udc84")"},  // cut short
        {"\xe2\x82z", R"("\udce2\udc82z")"},
        {"\xc0\xaf", R"("\udcc0\udcaf")"},                      // overlong
        {"\xe0\x80\xaf", R"("\udce0\udc80\udcaf")"},            // overlong
        {"\xf0\x80\x80\xaf", R"("\udcf0\udc80\udc80\udcaf")"},  // overlong
        {"\xed\xb2\x80", R"("\udced\udcb2\udc80")"},            // a surrogate, encoded
        {"\xf4\x90\x80\x80", R"("\udcf4\udc90\udc80\udc80")"},  // over U+10FFFF
        {"\xc3\xa9\xa9", "\"\xc3\xa9\\udca9\""},                // valid, then a stray byte
    };
    for (const auto& [text, json] : table) {
        std::string out;
        append_json_string(text, out);
        CHECK(out == json);
    }
}

TEST_CASE("commas stand between members and elements, and nowhere else") {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("a", "x").key("b").begin_array().end_array();
    json.key("c")
        .begin_array()
        .integer(-1)
        .natural(std::numeric_limits<std::uint64_t>::max())
        .null()
        .end_array();
    json.key("d").begin_object().end_object().key("e").boolean(true).key("f").begin_array();
    json.begin_object().key("g").boolean(false).end_object().begin_object().end_object().end_array();
    json.member_or_null("h", "").member_or_null("i", "y").end_object();
    CHECK(
        out ==
        R"({"a":"x","b":[],"c":[-1,18446744073709551615,null],"d":{},"e":true,"f":[{"g":false},{}],"h":null,"i":"y"})");
}

TEST_CASE("numbers keep their value; what is no number is null") {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    json.integer(std::numeric_limits<std::int64_t>::min()).real(0.1).real(1e300);
    json.real(std::numeric_limits<double>::infinity())
        .real(std::numeric_limits<double>::quiet_NaN())
        .end_array();
    CHECK(out == "[-9223372036854775808,0.1,1e+300,null,null]");
}

TEST_CASE("JSON that is put in as it is stays on one line") {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("fields").json("{\"a\":\r\n 1}").end_object();
    CHECK(out == R"({"fields":{"a": 1}})");
}
