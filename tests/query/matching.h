// Asking lines about queries, for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/matcher.h"
#include "query/parse.h"
#include "tests/catch.h"
#include "tests/query/line_of.h"

namespace nmstore::testing {

inline std::unique_ptr<query::Matcher> matcher_of(const std::string& text, query::ClientNames names = {}) {
    auto query = query::parse(text);
    if (!query) FAIL(text << ": " << query.error().message);
    auto matcher = query::compile(*query->filter, std::move(names));
    if (!matcher) FAIL(text << ": " << matcher.error().message);
    return std::move(*matcher);
}

inline bool matches(const std::string& query, const std::string& line) {
    return matcher_of(query)->matches(OwnedLine(line).line);
}

struct MatchCase {
    const char* query;
    const char* line;
    bool expected;
};

inline void check(const std::vector<MatchCase>& cases) {
    for (const MatchCase& c : cases) {
        INFO("query: " << c.query << "   line: " << c.line);
        CHECK(matches(c.query, c.line) == c.expected);
        if (*c.query != '\0') CHECK(matches(std::string("NOT (") + c.query + ")", c.line) != c.expected);
    }
}

}  // namespace nmstore::testing
