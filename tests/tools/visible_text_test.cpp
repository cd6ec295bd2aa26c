#include "tools/visible_text.h"

#include "query/parse.h"
#include "tests/catch.h"

namespace nmstore::tools {

TEST_CASE("nothing in a line can act on the terminal") {
    struct Case {
        std::string text, shown;
    };
    const Case cases[] = {
        {"plain\ttext ä€𝄞", "plain\ttext ä€𝄞"},
        {"\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"},
        {"a\rb\nc\x7f", "a\\x0db\\x0ac\\x7f"},
        {std::string("\0", 1), "\\x00"},
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"},  // CSI as one C1 character
        {"\x9b"
         "31m",
         "\\x9b31m"},
        {"a\xe2\x80\xae"
         "b",
         "a\\u{202e}b"},  // right-to-left override
        {"\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf", "\\u{2066}\\u{200b}\\u{feff}"},
        {"\xf3\xa0\x81\x81", "\\u{e0041}"},
        {"\xff\xc3", "\\xff\\xc3"},
    };
    for (const auto& [text, shown] : cases) CHECK(visible_text(text) == shown);
}

TEST_CASE("what a query looks for is highlighted, in any case, longest first") {
    CHECK(highlighted_text("An ERROR, terror", {"error"}) ==
          "An \x1b[1;31mERROR\x1b[0m, t\x1b[1;31merror\x1b[0m");
    CHECK(highlighted_text("errors", {"err", "errors"}) == "\x1b[1;31merrors\x1b[0m");
    CHECK(highlighted_text("\x1b"
                           "error\x1b",
                           {"error"}) == "\\x1b\x1b[1;31merror\x1b[0m\\x1b");
    CHECK(highlighted_text("nothing", {}) == "nothing");
}

TEST_CASE("a filter's literal texts, negated ones excepted") {
    const auto query = query::parse("Error -debug (\"some phrase\" OR pre*) client:x NOT (a b)");
    REQUIRE(query.ok());
    CHECK(highlight_texts(*query.value().filter) == std::vector<std::string>{"error", "pre", "some phrase"});
}

}  // namespace nmstore::tools
