#include "query/regex.h"

#include <re2/re2.h>

#include <random>
#include <string>

#include "tests/catch.h"

using namespace nmstore;
using nmstore::query::Regex;

// Texts that a pattern needs are looked for first; that must never change the answer.
TEST_CASE("regular expressions agree with bare RE2") {
    std::mt19937 random(11);
    const char* parts[] = {
        "abc",   "bcd",          "skk", "a", "b",   ".",    ".*",       "x?",  "(abc|skk)", "(bcd)?",
        "[ab]+", "(ab|bcdskk|)", "^",   "$", "ABC", "d{2}", "(?i:BCD)", "\\W", "ü"};
    const char* pieces[] = {
        "abc", "bcd", "skk", "a",  "b", "d", "dd",       "x",
        " ",   "ABC", "Bcd", "\n", "ü", "Ü", "\xC5\xBF", "\xE2\x84\xAA"};  // the long s and the Kelvin sign
    auto joined = [&random](const auto& from, std::size_t most) {
        std::string out;
        for (std::size_t i = random() % (most + 1); i > 0; --i) out += from[random() % std::size(from)];
        return out;
    };
    std::size_t matched = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string pattern = joined(parts, 4);
        if (random() % 3 == 0) pattern += "|" + joined(parts, 3);
        const bool ignore_case = random() % 2 == 0;
        auto ours = Regex::compile(pattern, ignore_case);
        REQUIRE(ours.ok());
        RE2::Options options;
        options.set_case_sensitive(!ignore_case);
        options.set_dot_nl(true);
        const RE2 theirs(pattern, options);
        for (int i = 0; i < 10; ++i) {
            const std::string text = joined(pieces, 6);
            const bool expected = RE2::PartialMatch(text, theirs);
            matched += expected ? 1 : 0;
            if (ours->matches(text) != expected)
                FAIL("/" << pattern << "/ on " << text << ", ignore_case " << ignore_case);
        }
    }
    CHECK(matched > 5000);
    CHECK(matched < 25000);
}

TEST_CASE("what cannot be compiled is told with RE2's words") {
    for (const char* pattern :
         {"(", ")", "[a", "a**b{", "*", "a{1001}", "(?P<n", "\\8", "(?!a)", "((a{100}){100}){100}"}) {
        INFO("pattern: " << pattern);
        auto regex = Regex::compile(pattern, false);
        const bool compiled = regex.ok();
        if (compiled) {
            CHECK(std::string(pattern) == "a**b{");  // a literal brace for RE2
            continue;
        }
        CHECK(regex.error().code == Code::invalid_argument);
        CHECK(!regex.error().message.empty());
    }
}

TEST_CASE("what is too large is refused by its name, whatever memory it may have") {
    for (const char* pattern : {"[\\pL]{300}q", "\\pL{100}", "(\\pL{30}\\pN{30}){10}"}) {
        for (const std::size_t memory : {query::kMinRegexMemory, query::kMaxRegexMemory}) {
            const auto regex = Regex::compile(pattern, false, memory);
            REQUIRE_FALSE(regex.ok());
            CHECK(regex.error().code == Code::invalid_argument);
            CHECK(regex.error().message.find("/" + std::string(pattern) + "/ is too large") == 0);
        }
        CHECK_FALSE(Regex::check(pattern, false).ok());
    }
    for (const char* pattern : {"[a-z]{1000}", "\\pL{30}", "\\w{1000}foo", ".{1000}", "(x+x+)+y"}) {
        INFO("pattern: " << pattern);
        CHECK(Regex::check(pattern, false).ok());
        CHECK(Regex::compile(pattern, false, query::kMinRegexMemory).ok());
    }
}

TEST_CASE("the head of a regular expression begins every match") {
    const std::pair<const char*, const char*> cases[] = {
        {"request.*[0-9]{3}7", "request"},
        {"Failed password", "Failed"},
        {"status=5..", "status"},
        {"abc+d", "abc"},  // at least once
        {"abc*d", "ab"},
        {"abc?d", "ab"},
        {"abc{0,2}d", "ab"},
        {"a*b", ""},
        {"ab(c|d)", "ab"},
        {"ab(c(d|e)|f)g", "ab"},
        {"abc|def", ""},
        {"ab(c|d)|e", ""},
        {"ab\\(c|d", ""},  // no bracket
        {"ab\\)|(c|d)", ""},
        {"ab[(]c|d", ""},  // nor this
        {"ab[|]c", ""},    // not looked into so closely
        {"ab\\Q(\\E|c", ""},
        {"ab\\|c", "ab"},
        {"(ab)c", ""},
        {".*abc", ""},
        {"^abc", ""},
        {"[a]bc", ""},
        {"\\dabc", ""},
        {"(?i)abc", ""},
        {"\xC3\xBC"
         "abc",
         ""},
        {"abc\xC3\xBC", "abc"},
        {"", ""},
    };
    for (const auto& [pattern, head] : cases) {
        INFO("pattern: " << pattern);
        const auto regex = Regex::compile(pattern, false);
        REQUIRE(regex.ok());
        CHECK(regex->head() == head);
    }
}
