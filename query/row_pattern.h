// Which rows of time families an administrator means: by key, or by globs for where day rows come from.
#pragma once

#include <cstdint>
#include <string>

#include "nmstore/store.h"

namespace nmstore::query {

// Empty members do not restrict.
struct RowPattern {
    std::string family;
    std::string row;          // the whole key
    std::string client, log;  // globs; in a log's name '/' and '_' are the same, plugins have theirs here too
    std::string kind;         // logs, plugins, alerts, other
    std::int64_t from_ms = INT64_MIN;  // rows that may have entries in [from, to)
    std::int64_t to_ms = INT64_MAX;
};

// invalid_argument: a kind that there is not, or `from` behind `to`.
Result<RowSelection> select_rows(const RowPattern& pattern);

}  // namespace nmstore::query
