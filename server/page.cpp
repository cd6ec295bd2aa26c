#include "server/page.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/parameters.h"

namespace nmstore::server {

Result<std::size_t> read_page_limit(std::string_view text) {
    if (text.empty()) return kDefaultPage;
    NM_ASSIGN(const std::uint64_t limit, parse_natural("limit", text, 1, kMaxPage));
    return static_cast<std::size_t>(limit);
}

Result<Slice> read_slice(const Store& store, std::string_view family, std::string_view row, SliceRange range,
                         std::size_t max_bytes) {
    Slice slice;
    const std::size_t limit = range.limit;
    std::size_t bytes = 0;
    bool follows = false;  // range.from is the last cell of the part before
    while (slice.cells.size() < limit) {
        range.limit = std::min(limit - slice.cells.size(), kDefaultPage) + (follows ? 1 : 0);
        NM_ASSIGN(Slice part, store.slice(family, row, range));
        auto cell = part.cells.begin();
        if (follows && cell != part.cells.end() && cell->column == *range.from) ++cell;
        for (; cell != part.cells.end() && slice.cells.size() < limit; ++cell) {
            bytes += cell->column.size() + cell->value.size();
            if (bytes > max_bytes && !slice.cells.empty()) {
                slice.more = true;
                return slice;
            }
            slice.cells.push_back(std::move(*cell));
        }
        slice.more = part.more || cell != part.cells.end();
        if (!part.more || slice.cells.empty()) break;
        range.from = slice.cells.back().column;
        follows = true;
    }
    return slice;
}

Error answer_too_large(std::size_t cells_that_fit) {
    return Error{Code::limit_exceeded, "the answer would be over " + std::to_string(kMaxPageBytes >> 20) +
                                           " MiB; ask for at most " + std::to_string(cells_that_fit) +
                                           " columns at a time (limit) and go on with fromKey"};
}

}  // namespace nmstore::server
