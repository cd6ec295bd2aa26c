// Declared tables, kept as cells: a row for each table, a column for each of its properties.
#include "query/map_reduce_tables.h"

#include <algorithm>

#include "query/map_reduce.h"

namespace nmstore::query {

namespace {

constexpr std::string_view kTypeColumn = "type";
constexpr std::string_view kExternal = "external";
constexpr std::string_view kStandard = "standard";
constexpr std::size_t kTablesPerPage = 1000;

struct Property {
    std::string_view column;
    std::string TableInfo::*member;
};
constexpr Property kProperties[] = {
    {"rowMapping", &TableInfo::row_mapping},
    {"rowType", &TableInfo::row_type},
    {"columnMapping", &TableInfo::column_mapping},
    {"columnType", &TableInfo::column_type},
    {"valueMapping", &TableInfo::value_mapping},
    {"valueType", &TableInfo::value_type},
    {"cassandraColumnsMapping", &TableInfo::columns_mapping},
};

Result<void> check_name(std::string_view name) {
    const bool good =
        !name.empty() && name.size() <= kMaxFamilyNameBytes &&
        std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    if (good) return {};
    return Error{Code::invalid_argument, "\"" + printable(name) + "\" cannot name a table: 1 to " +
                                             std::to_string(kMaxFamilyNameBytes) +
                                             " letters, digits and '_' can"};
}

}  // namespace

Result<void> declare_table(Store& store, const TableInfo& table) {
    NM_TRY(check_name(table.name));
    NM_TRY(store.create_family(kTableFamily, ValueType::utf8));
    NM_ASSIGN(auto batch, store.begin_cells(kTableFamily));
    NM_TRY(batch->remove_row(table.name));
    NM_TRY(batch->put(table.name, kTypeColumn, table.external ? kExternal : kStandard));
    for (const Property& property : kProperties)
        if (const std::string& value = table.*property.member; !value.empty())
            NM_TRY(batch->put(table.name, property.column, value));
    NM_TRY(batch->commit());
    return {};
}

Result<std::optional<TableInfo>> find_table(const Store& store, std::string_view name) {
    auto slice = store.slice(kTableFamily, name, {});
    if (!slice.ok() && slice.error().code == Code::not_found)
        return std::optional<TableInfo>();  // nothing is declared yet
    NM_TRY(slice);
    if (slice->cells.empty()) return std::optional<TableInfo>();
    TableInfo table;
    table.name = name;
    for (const Cell& cell : slice->cells) {
        if (cell.column == kTypeColumn) table.external = cell.value == kExternal;
        for (const Property& property : kProperties)
            if (cell.column == property.column) table.*property.member = cell.value;
    }
    return std::optional<TableInfo>(std::move(table));
}

Result<std::vector<TableInfo>> tables(const Store& store) {
    std::vector<TableInfo> all;
    for (std::string from;;) {
        auto names = store.rows(kTableFamily, from, "", kTablesPerPage);
        if (!names.ok() && names.error().code == Code::not_found) return all;
        NM_TRY(names);
        for (const std::string& name : names.value()) {
            if (name == from) continue;  // ended the page before
            NM_ASSIGN(std::optional<TableInfo> table, find_table(store, name));
            if (table) all.push_back(std::move(*table));
        }
        if (names->size() < kTablesPerPage) return all;
        from = names->back();
    }
}

}  // namespace nmstore::query
