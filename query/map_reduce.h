// CloudSandra's map/reduce calls, as a plain scan: tables over families, and jobs that select from one table into another.
#pragma once

#include <string>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"

namespace nmstore::query {

struct TableInfo {
    std::string name;
    bool external = false;  // reads the family of its name as (rowkey, columnname, value)
    std::string row_mapping, row_type, column_mapping, column_type, value_mapping, value_type, columns_mapping;
};

// Tables are kept in the store, as cells of the family kTableFamily.
inline constexpr std::string_view kTableFamily = "mapreduce_tables";
Result<void> declare_table(Store& store, const TableInfo& table);
Result<std::vector<TableInfo>> tables(const Store& store);

struct Job {
    std::string from_table, overwrite_table, select, where;
};
struct JobResult {
    std::uint64_t scanned = 0;
    std::uint64_t selected = 0;  // rows of the answer
};
// Replaces what `overwrite_table` held; on any error it keeps what it had.
Result<JobResult> run_job(Store& store, const Job& job, Execution& execution);

}  // namespace nmstore::query
