#include "query/needle.h"

#include <string>

#include "tests/catch.h"

using namespace nmstore::query;

namespace {

constexpr Needle::Form kAnywhere{true, false, false};

}  // namespace

TEST_CASE("a needle is found where it first begins") {
    for (const std::string text :
         {"x", "xy", "aaab", "-", "needle.in:hay", "0123456789abcdefghijklmnopqrstuvwxyz"}) {
        const Needle needle(text, kAnywhere);
        CHECK(needle.size() == text.size());
        for (std::size_t before = 0; before < 40; ++before) {
            for (std::size_t after = 0; after < 40; ++after) {
                const std::string hay = std::string(before, 'Q') + text + std::string(after, 'Q') + text;
                if (needle.find(hay) != before) FAIL(text << " behind " << before);
                if (needle.find(hay, before) != before) FAIL(text << " at " << before);
                if (needle.find(hay, before + 1) != before + text.size() + after)
                    FAIL(text << " beyond " << before);
                if (needle.find(std::string_view(hay).substr(0, before + text.size() - 1)) != Needle::kNone)
                    FAIL("cut " << text);
            }
        }
    }
}

TEST_CASE("a needle longer than the text, and places behind its end") {
    const Needle needle("abc", kAnywhere);
    CHECK(needle.find("") == Needle::kNone);
    CHECK(needle.find("ab") == Needle::kNone);
    CHECK(needle.find("abc", 1) == Needle::kNone);
    CHECK(needle.find("abc", 99) == Needle::kNone);
    CHECK(needle.find("ABC") == 0);
    CHECK(Needle("abc", {false, false, false}).find("ABC") == Needle::kNone);
}

TEST_CASE("only letters have two cases") {
    // Each of these differs from its neighbour in the bit that makes a letter lower case.
    for (const char* pair : {"@`", "[{", "\\|", "]}", "^~", "_\x7F",
                             "\x10"
                             "0",
                             "\x0D-"}) {
        const std::string a(1, pair[0]), b(1, pair[1]);
        CHECK(Needle(a, kAnywhere).find(a) == 0);
        CHECK(Needle(a, kAnywhere).find(b) == Needle::kNone);
        CHECK(Needle(b, kAnywhere).find(a) == Needle::kNone);
        CHECK(Needle("k" + b, kAnywhere).find("K" + a + std::string(40, ' ')) == Needle::kNone);
        CHECK(Needle("k" + b, kAnywhere).find(std::string(40, ' ') + "K" + b) == 40);
    }
}

TEST_CASE("borders are asked of letters and digits only") {
    const Needle word("ab", {true, true, true});
    CHECK(word.find("abab ab") == 5);
    CHECK(word.find("_ab_") == 1);
    CHECK(word.find("\xC3\xA4"
                    "ab") == Needle::kNone);
    CHECK(word.find("ab\xC3\xA4") == Needle::kNone);
    CHECK(word.find("\xE2\x80\x9C"
                    "ab\xE2\x80\x9D") == 3);
    const Needle dotted(".ab.", {true, true, true});
    CHECK(dotted.find("x.ab.x") == 1);
    const Needle prefix("ab", {true, true, false});
    CHECK(prefix.find("xab abx") == 4);
    const Needle suffix("ab", {true, false, true});
    CHECK(suffix.find("abx xab") == 5);
}

TEST_CASE("the lower case of a haystack is made once") {
    const Haystack haystack("Ein \xC3\x84rger");
    CHECK(haystack.lower() == "ein \xC3\xA4rger");
    CHECK(haystack.lower().data() == haystack.lower().data());
    CHECK(haystack.text() == "Ein \xC3\x84rger");
}
