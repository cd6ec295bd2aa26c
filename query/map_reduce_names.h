// What the parts of a cell are called in a job: by everybody, and by the table that it is read from.
#pragma once

#include <optional>
#include <string_view>

#include "query/map_reduce.h"

namespace nmstore::query {

enum class CellPart : std::uint8_t { row, column, value };

// A cell of a table while a job looks at it.
struct TableCell {
    std::string_view row, column, value;

    std::string_view part(CellPart which) const {
        return which == CellPart::row ? row : which == CellPart::column ? column : value;
    }
};

// rowkey, columnname, value, or as the table's mappings say; in any case of letters. nullopt: none of them.
std::optional<CellPart> cell_part(const TableInfo& table, std::string_view name);

// Whether the table's types say that this part is a number: LongType, IntegerType, or a number's name in SQL.
bool is_number_part(const TableInfo& table, CellPart part);

bool equal_ignoring_case(std::string_view a, std::string_view b);  // of ASCII letters

}  // namespace nmstore::query
