// The query language: text -> tree. See docs/query-language.md.
#pragma once

#include <string>
#include <string_view>

#include "nmstore/result.h"
#include "query/filter.h"

namespace nmstore::query {

inline constexpr std::size_t kMaxQueryBytes = 64 * 1024;
inline constexpr std::size_t kMaxQueryDepth = 100;
inline constexpr std::size_t kMaxQueryNodes = 10000;

// Where a query could not be read; becomes an Error by describe().
struct ParseProblem {
    std::size_t column = 0;  // characters from 1
    std::string expected;
};

// invalid_argument: "column 7: expected ')'". If `problem` is given it is filled as well. A pipe ('|') is
// answered with unsupported, and its column.
Result<Query> parse(std::string_view text, ParseProblem* problem = nullptr);

// A canonical text that parses to the same tree.
std::string to_text(const Filter& filter);

}  // namespace nmstore::query
