#include "query/map_reduce_names.h"

#include <algorithm>

namespace nmstore::query {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<CellPart> cell_part(const TableInfo& table, std::string_view name) {
    // The table's own names first: one may call its value "columnname".
    if (name.empty()) return std::nullopt;
    if (equal_ignoring_case(name, table.row_mapping)) return CellPart::row;
    if (equal_ignoring_case(name, table.column_mapping)) return CellPart::column;
    if (equal_ignoring_case(name, table.value_mapping)) return CellPart::value;
    if (equal_ignoring_case(name, "rowkey")) return CellPart::row;
    if (equal_ignoring_case(name, "columnname")) return CellPart::column;
    if (equal_ignoring_case(name, "value")) return CellPart::value;
    return std::nullopt;
}

bool is_number_part(const TableInfo& table, CellPart part) {
    const std::string_view type = part == CellPart::row      ? table.row_type
                                  : part == CellPart::column ? table.column_type
                                                             : table.value_type;
    for (const std::string_view name :
         {"LongType", "IntegerType", "long", "int", "integer", "bigint", "double", "float"})
        if (equal_ignoring_case(type, name)) return true;
    return false;
}

}  // namespace nmstore::query
