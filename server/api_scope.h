// What a query looks at: the parameters q, from, to and family, which several calls share.
#pragma once

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

    query::Scope scope() const { return {query.filter.get(), from_ms, to_ms, family}; }
};

// invalid_argument, or unsupported for a query that asks for what is not there yet; `column` is set if the
// query could not be read.
Result<QueryScope> read_scope(const Parameters& parameters, std::int64_t now_ms,
                              std::optional<std::size_t>& column);

}  // namespace nmstore::server
