#include <string>
#include <vector>

#include "nmstore/value_type.h"
#include "tests/catch.h"

using namespace nmstore;

TEST_CASE("text: what is valid UTF-8") {
    const std::vector<std::pair<std::string, bool>> cases = {
        {"", true},
        {std::string("\0", 1), true},
        {"abc", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"a\x80", false},     // a continuation alone
        {"\xc0\x80", false},  // overlong
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xed\xa0\x80", false},  // surrogates
        {"\xed\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},  // over U+10FFFF
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xc3", false},  // cut off
        {"\xe2\x82", false},
        {"\xf0\x9f\x8e", false},
        {"\xc3(", false},
    };
    for (const auto& [text, valid] : cases) {
        INFO(printable(text));
        CHECK(is_valid_utf8(text) == valid);
    }
}

TEST_CASE("text: printable form") {
    CHECK(printable("") == "");
    CHECK(printable("plain ü 🎈") == "plain ü 🎈");
    CHECK(printable("\n\x1b[31m\x7f") == "\\x0a\\x1b[31m\\x7f");
    CHECK(printable("\xc2\x85") == "\\xc2\\x85");
    CHECK(printable("\xff\xc3") == "\\xff\\xc3");
    CHECK(printable(std::string(64, 'a')) == std::string(64, 'a'));
    CHECK(printable(std::string(65, 'a')) == std::string(64, 'a') + "…");
    const std::string cut = printable(std::string(1 << 20, '\xfe'));
    CHECK(cut.size() < 80);
    CHECK(is_valid_utf8(cut));
}
