#include "query/wildcard.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace nmstore::query;

namespace {

// '*' adds a star, anything else is text.
WildcardText made_of(const std::string& pieces) {
    WildcardText text;
    for (char c : pieces) {
        if (c == '*') {
            text.add_star();
        } else {
            text.add_text(std::string(1, c));
        }
    }
    return text;
}

}  // namespace

TEST_CASE("what kind of filter a text with stars is") {
    struct Case {
        const char* pieces;
        FilterKind kind;
        const char* text;
    };
    const Case cases[] = {
        {"ab", FilterKind::word, "ab"},
        {"ab*", FilterKind::prefix, "ab"},
        {"*ab", FilterKind::suffix, "ab"},
        {"*ab*", FilterKind::substring, "ab"},
        {"***ab**", FilterKind::substring, "ab"},
        {"*", FilterKind::all, ""},
        {"***", FilterKind::all, ""},
        {"a*b", FilterKind::wildcard, "a*b"},
        {"a**b", FilterKind::wildcard, "a*b"},
        {"*a*b", FilterKind::wildcard, "*a*b"},
        {"a*b*", FilterKind::wildcard, "a*b*"},
        {"*a*b*", FilterKind::wildcard, "*a*b*"},
        {"a*\\", FilterKind::wildcard, "a*\\\\"},
    };
    for (const Case& c : cases) {
        INFO("pieces: " << c.pieces);
        CHECK(made_of(c.pieces).kind() == c.kind);
        CHECK(made_of(c.pieces).text() == c.text);
    }
}

TEST_CASE("the pieces of a wildcard are found again") {
    const std::vector<std::vector<std::string>> cases = {
        {"a", "b"}, {"", "a", "b", ""}, {"a*b", "c"}, {"a\\", "\\*"}, {"", "\xC3\xBC", "x y"},
    };
    for (const auto& pieces : cases) CHECK(wildcard_pieces(wildcard_text(pieces)) == pieces);
}
