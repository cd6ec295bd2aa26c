// A place in a page walk, as the opaque text that a page gives out as `next` and `prev`.
//
// It carries all that must not change from page to page: the place, the direction, and the times of the first
// page (so that "-1h" means the same moment on every page); and a fingerprint of the rest of the query, so
// that a cursor of another query is refused instead of giving pages that fit nowhere.
#pragma once

#include <string>
#include <string_view>

#include "nmstore/line.h"
#include "query/search.h"

namespace nmstore::query {

struct PageCursor {
    bool backwards = false;  // towards the lines before the page
    LineId place;            // go on strictly behind it, in the direction
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
    std::uint64_t query = 0;  // query_fingerprint()
};

// Of the filter, the family and the order.
std::uint64_t query_fingerprint(const Scope& scope, Order order);

std::string format_cursor(const PageCursor& cursor);
// invalid_argument: not a cursor, or one whose fingerprint is not `query`.
Result<PageCursor> parse_cursor(std::string_view text, std::uint64_t query);

}  // namespace nmstore::query
