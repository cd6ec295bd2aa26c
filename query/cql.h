// CQL 1-style SELECT over one family, as CloudSandra's clients use it. See docs/search.md for the grammar.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"

namespace nmstore::query {

struct CqlRow {
    std::string key;
    std::vector<Cell> cells;
};
struct CqlAnswer {
    std::vector<CqlRow> rows;  // by key, in byte order; of SELECT KEY without cells, and a row that has none of the columns too
    bool counted = false;      // COUNT(*): `count` is the answer
    std::uint64_t count = 0;
};

// invalid_argument with the column and what was expected; conflict: a predicate on a column without an index; not_found: the
// family; cancelled, deadline_exceeded or limit_exceeded at a limit of the execution, where cells and rows count as lines.
// Columns default to the first 1000 of a row, rows (LIMIT) to 10000; COUNT(*) counts all rows unless LIMIT is given.
Result<CqlAnswer> select(const Store& store, std::string_view family, std::string_view text, Execution& execution);

}  // namespace nmstore::query
