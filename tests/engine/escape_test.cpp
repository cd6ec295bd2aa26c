#include "nmstore/escape.h"

#include <string>

#include "tests/catch.h"

using namespace std::string_literals;
using nmstore::escape;
using nmstore::unescape;
using nmstore::unescape_fully;

TEST_CASE("unescape() undoes one pass") {
    struct Row {
        std::string text, expected;
    };
    const Row rows[] = {
        {"%41", "A"},
        {"a%20b", "a b"},
        {"%7B%22a%22%3A1%7D", "{\"a\":1}"},
        {"%e9%E9", "\u00e9\u00e9"},
        {"%u20AC", "\u20ac"},
        {"%u20ac", "\u20ac"},
        {"%u0041", "A"},
        {"%uD83D%uDE00", "\U0001F600"},
        {"x%uD83Dy", "x\uFFFDy"},
        {"%uDE00", "\uFFFD"},
        {"%uD83D%uD83D%uDE00", "\uFFFD\U0001F600"},
        {"%uD83D%41", "\uFFFDA"},
        {"%00", "\0"s},
        {"%2541", "%41"},
        {"100%%20", "100% "},
        {"%u12%41", "%u12A"},
        {"\xff%41\xfe",
         "\xff"
         "A\xfe"},
        {"%41%", "A%"},
        {"%41%4", "A%4"},
        {"%41%u004", "A%u004"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        std::string out = "before";
        CHECK(unescape(row.text, out));
        CHECK(out == row.expected);
    }
}

TEST_CASE("unescape() leaves a text without escapes and its output alone") {
    for (const std::string text :
         {"", "plain", "%", "%%", "50% of", "%4", "%u", "%u12g4", "%zz", "%U0041", "a+b", "\xc3\xa9"}) {
        CAPTURE(text);
        std::string out = "before";
        CHECK_FALSE(unescape(text, out));
        CHECK(out == "before");
    }
}

TEST_CASE("unescape_fully() makes at most two passes") {
    CHECK(unescape_fully("") == "");
    CHECK(unescape_fully("plain 100%") == "plain 100%");
    CHECK(unescape_fully("%41") == "A");
    CHECK(unescape_fully("%2541") == "A");
    CHECK(unescape_fully("%252541") == "%41");
}

TEST_CASE("escape() writes what the old JavaScript function wrote") {
    struct Row {
        std::string text, expected;
    };
    const Row rows[] = {
        {"", ""},
        {"azAZ09@*_+-./", "azAZ09@*_+-./"},
        {" \n\"%&", "%20%0A%22%25%26"},
        {"\u00e9", "%E9"},
        {"\u20ac", "%u20AC"},
        {"\u0100", "%u0100"},
        {"\U0001F600", "%uD83D%uDE00"},
        {"\0"s, "%00"},
        {"\x7f", "%7F"},
        {"\xff\xc3", "%FF%C3"},
        {"\xed\xa0\x80", "%ED%A0%80"},  // an encoded surrogate is no UTF-8
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(escape(row.text) == row.expected);
    }
}

TEST_CASE("unescape() undoes escape() for every code point") {
    std::string out;
    for (std::uint32_t code_point = 1; code_point < 0x110000; code_point += code_point < 0x900 ? 1 : 97) {
        if (code_point >= 0xD800 && code_point < 0xE000) continue;
        std::string text = "x";
        if (code_point < 0x80) {
            text += static_cast<char>(code_point);
        } else if (code_point < 0x800) {
            text += {static_cast<char>(0xC0 | code_point >> 6), static_cast<char>(0x80 | (code_point & 63))};
        } else if (code_point < 0x10000) {
            text +=
                {static_cast<char>(0xE0 | code_point >> 12), static_cast<char>(0x80 | (code_point >> 6 & 63)),
                 static_cast<char>(0x80 | (code_point & 63))};
        } else {
            text += {static_cast<char>(0xF0 | code_point >> 18),
                     static_cast<char>(0x80 | (code_point >> 12 & 63)),
                     static_cast<char>(0x80 | (code_point >> 6 & 63)),
                     static_cast<char>(0x80 | (code_point & 63))};
        }
        const std::string escaped = escape(text);
        if (escaped == text) continue;
        if (!unescape(escaped, out) || out != text) FAIL("U+" << std::hex << code_point);
    }
}
