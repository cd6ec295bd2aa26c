// What a query looks at: the parameters q, from, to and family, which several calls share, and those that
// name one row.
#pragma once

#include <chrono>
#include <optional>

#include "query/parse.h"
#include "query/search.h"
#include "server/parameters.h"

namespace nmstore::server {

// Owns the filter that scope() points to.
struct QueryScope {
    query::Query query;
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
    std::string family;
    std::string row;

    query::Scope scope() const { return {query.filter.get(), from_ms, to_ms, family, row}; }
};

// invalid_argument, or unsupported for a query that asks for what is not there yet; `column` is set if the
// query could not be read.
Result<QueryScope> read_scope(const Parameters& parameters, std::int64_t now_ms,
                              std::optional<std::size_t>& column);

// The parameter `within`: how long the query may take, a duration of at least 1 ms; without it as long as the
// server's limit allows.
Result<std::chrono::milliseconds> read_within(const Parameters& parameters);

// The key of the one row that a call is asked about: `row`, or that of the day row of `client`, `log` and
// `day` (a time: the UTC day that it falls in). "" where none of them is given; invalid_argument: some, but
// not all.
Result<std::string> read_row_key(const Parameters& parameters, std::int64_t now_ms);

}  // namespace nmstore::server
