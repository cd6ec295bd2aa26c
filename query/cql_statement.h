// A CQL SELECT as it was written, before anything is known of the family that it asks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/statement_lexer.h"

namespace nmstore::query {

inline constexpr std::uint64_t kMaxCqlRows = 1'000'000;     // LIMIT
inline constexpr std::uint64_t kMaxCqlColumns = 1'000'000;  // FIRST
inline constexpr std::uint64_t kDefaultCqlRows = 10'000;

enum class CqlWhat : std::uint8_t { all, range, names, keys, count };
enum class CqlOperator : std::uint8_t { equal, less, less_equal, greater, greater_equal };

struct CqlPredicate {
    Token column;  // of the family, or any case of KEY where it stands bare
    CqlOperator op = CqlOperator::equal;
    Token value;
};

struct CqlStatement {
    CqlWhat what = CqlWhat::all;
    std::optional<std::uint64_t> first;
    bool reversed = false;
    std::vector<Token> names;                // names: the columns, KEY left out
    std::optional<Token> from, to;           // range: its ends; open where there is none
    std::optional<Token> family;             // FROM
    std::optional<std::vector<Token>> keys;  // KEY = x, KEY IN (…)
    std::vector<CqlPredicate> key_bounds;    // KEY < x …
    std::vector<CqlPredicate> predicates;    // on columns
    std::optional<std::uint64_t> limit;
};

// invalid_argument names the column and what was expected; too_large: see kMaxStatementBytes.
Result<CqlStatement> parse_cql(std::string_view text);

}  // namespace nmstore::query
