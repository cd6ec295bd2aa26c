// The `select` of a job: what it makes of each selected cell.
//   select = '*' | expression {, expression}      at most three
//   expression = (a part of the cell by its name | 'text' | "text" | a number | COUNT(*)) [[AS] name]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/map_reduce_names.h"

namespace nmstore::query {

inline constexpr std::size_t kMaxSelected = 3;

struct SelectItem {
    enum class Kind : std::uint8_t { part, constant, count };
    Kind kind = Kind::part;
    CellPart part = CellPart::value;
    std::string constant;
    std::string alias;  // "" without
};

struct SelectList {
    std::vector<SelectItem> items;  // 1 to kMaxSelected
    bool counts = false;            // one answer for all cells instead of one for each

    // invalid_argument: "select: column 7: expected …"; also for a part of a cell beside COUNT(*).
    static Result<SelectList> parse(std::string_view text, const TableInfo& table);
};

}  // namespace nmstore::query
