#include <random>
#include <string>

#include "query/matcher.h"
#include "tests/catch.h"

using nmstore::query::glob_matches;

TEST_CASE("globs") {
    struct Case {
        const char* glob;
        const char* text;
        bool expected;
    };
    const Case cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"?", "ü", true},
        {"??", "ü", false},
        {"a?c", "aüc", true},
        {"abc", "abc", true},
        {"abc", "ABC", false},
        {"a*", "a", true},
        {"a*", "ba", false},
        {"*a", "ba", true},
        {"*a", "ab", false},
        {"a*c", "abbbc", true},
        {"a*c", "abbb", false},
        {"a*b*c", "a.b.b.c", true},
        {"*ab*", "xxabxx", true},
        {"*ab", "abab", true},
        {"a**b", "ab", true},
        {"10.0.*", "10.0.0.1", true},
        {"10.0.*", "10.1.0.1", false},
        {"*.log", "x.log.gz", false},
        {"?*?", "a", false},
        {"?*?", "ab", true},
        {"[a]", "a", false},
        {"[a]", "[a]", true},
        {"?", "\xFF", true},
        {"?b",
         "\xC3"
         "b",
         true},
    };
    for (const Case& c : cases) {
        INFO(c.glob << " on " << c.text);
        CHECK(glob_matches(c.glob, c.text) == c.expected);
    }
}

namespace {

bool slow(const char* glob, const char* text) {
    if (*glob == '\0') return *text == '\0';
    if (*glob == '*') return slow(glob + 1, text) || (*text != '\0' && slow(glob, text + 1));
    return *text != '\0' && (*glob == '?' || *glob == *text) && slow(glob + 1, text + 1);
}

}  // namespace

TEST_CASE("globs agree with a plain recursion") {
    std::mt19937 random(1);
    auto text = [&random](const char* letters, unsigned count) {
        std::string out(random() % 9, ' ');
        for (auto& c : out) c = letters[random() % count];
        return out;
    };
    for (int i = 0; i < 20000; ++i) {
        const std::string glob = text("ab*?", 4), subject = text("ab", 2);
        if (glob_matches(glob, subject) != slow(glob.c_str(), subject.c_str()))
            FAIL(glob << " on " << subject);
    }
}

TEST_CASE("a glob with many stars takes no exponential time") {
    std::string glob;
    for (int i = 0; i < 50; ++i) glob += "*a";
    CHECK(!glob_matches(glob + "b", std::string(3000, 'a')));
    CHECK(glob_matches(glob, std::string(3000, 'a')));
}
