#include "query/utf8_text.h"

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("a non-ASCII byte is seen wherever it is") {
    for (std::size_t size = 0; size < 70; ++size) {
        std::string text(size, 'x');
        CHECK(is_ascii(text));
        for (std::size_t i = 0; i < size; ++i) {
            text[i] = '\x80';
            if (is_ascii(text)) FAIL(size << " " << i);
            text[i] = 'x';
        }
    }
}

TEST_CASE("invalid bytes are found and replaced") {
    struct Case {
        const char* text;
        std::size_t at;
        const char* repaired;  // nullptr: valid
    };
    const Case cases[] = {
        {"", 0, nullptr},
        {"abc", 3, nullptr},
        {"gr\xC3\xBCn", 5, nullptr},
        {"\xF0\x9F\x98\x80", 4, nullptr},
        {"a\xFF"
         "b",
         1,
         "a\xEF\xBF\xBD"
         "b"},
        {"\xC3\xBC\xC3", 2, "\xC3\xBC\xEF\xBF\xBD"},
        {"\x80\x80", 0, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", 0, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xC0\xAF", 0, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF0\x9F\x98x", 0, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx"},
    };
    for (const Case& c : cases) {
        std::string out = "before";
        CHECK(invalid_utf8_at(c.text) == c.at);
        CHECK(replace_invalid_utf8(c.text, out) == (c.repaired != nullptr));
        CHECK(out == (c.repaired != nullptr ? c.repaired : "before"));
    }
}
