// Pages of rows, cells and counters: how long one may be, in number and in bytes.
#pragma once

#include <string_view>

#include "nmstore/cell.h"
#include "nmstore/store.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxPage = 100'000;                      // cells, counters or row keys
inline constexpr std::size_t kMaxPageBytes = std::size_t{256} << 20;  // of columns and values together

// "" is kDefaultPage; invalid_argument for what is no whole number from 1 to kMaxPage.
Result<std::size_t> read_page_limit(std::string_view text);

// As Store::slice, but ends early, with `more` set, where the cells reach `max_bytes`; there is always one
// cell if the range holds one. A range of more than kDefaultPage cells is read in parts, each of its own
// moment.
Result<Slice> read_slice(const Store& store, std::string_view family, std::string_view row, SliceRange range,
                         std::size_t max_bytes = kMaxPageBytes);

// For calls that cannot say "there is more": limit_exceeded, telling what limit would do.
Error answer_too_large(std::size_t cells_that_fit);

}  // namespace nmstore::server
