#include "query/regex.h"

#include <algorithm>
#include <random>
#include <regex>
#include <string>

#include "tests/catch.h"

using namespace nmstore;
using nmstore::query::Regex;

// Texts that a pattern needs are looked for first; that must never change the answer.
TEST_CASE("regular expressions agree with the standard library's") {
    std::mt19937 random(11);
    const char* parts[] = {"abc",       "bcd",    "dee",   "a",           "b", ".", ".*",  "x?",
                           "(abc|dee)", "(bcd)?", "[ab]+", "(ab|bcdee|)", "^", "$", "ABC", "d{2}"};
    const char* pieces[] = {"abc", "bcd", "dee", "a", "b", "d", "dd", "x", " ", "ABC", "Bcd", "\n"};
    auto joined = [&random](const auto& from, std::size_t most) {
        std::string out;
        for (std::size_t i = random() % (most + 1); i > 0; --i) out += from[random() % std::size(from)];
        return out;
    };
    std::size_t matched = 0;
    for (int round = 0; round < 1500; ++round) {
        std::string pattern = joined(parts, 4);
        if (random() % 3 == 0) pattern += "|" + joined(parts, 3);
        const bool ignore_case = random() % 2 == 0;
        auto ours = Regex::compile(pattern, ignore_case);
        REQUIRE(ours.ok());
        const std::regex theirs(
            pattern, ignore_case ? std::regex::ECMAScript | std::regex::icase : std::regex::ECMAScript);
        for (int i = 0; i < 10; ++i) {
            std::string text = joined(pieces, 6);
            text.erase(std::remove(text.begin(), text.end(), '\n'),
                       text.end());  // theirs has other rules for it
            const bool expected = std::regex_search(text, theirs);
            matched += expected ? 1 : 0;
            if (ours->matches(text) != expected)
                FAIL("/" << pattern << "/ on " << text << ", ignore_case " << ignore_case);
        }
    }
    CHECK(matched > 3000);
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
