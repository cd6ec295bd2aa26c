// CloudSandra's map/reduce calls, as a plain scan: tables over families, and jobs that select from one table into another.
#pragma once

#include <string>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"

namespace nmstore::query {

struct TableInfo {
    std::string name;       // letters, digits, '_'; also that of the family that holds its cells
    bool external = false;  // reads the family of its name as (rowkey, columnname, value); a job cannot overwrite it
    // How the parts of its cells are also called in `select` and `where`, and their types ("LongType", "int" …: compared as
    // numbers). columns_mapping is kept for who asks.
    std::string row_mapping, row_type, column_mapping, column_type, value_mapping, value_type, columns_mapping;
};

// Tables are kept in the store, as cells of the family kTableFamily.
inline constexpr std::string_view kTableFamily = "mapreduce_tables";
// Replaces what had been declared under the name. invalid_argument: the name.
Result<void> declare_table(Store& store, const TableInfo& table);
Result<std::vector<TableInfo>> tables(const Store& store);  // by name

struct Job {
    std::string from_table;       // declared, or any family (then as if external)
    std::string overwrite_table;  // standard; declared by the job if it is new or an empty family
    std::string select, where;    // see docs/search.md
};
struct JobResult {
    std::uint64_t scanned = 0;   // cells looked at
    std::uint64_t selected = 0;  // cells written
};
// Replaces what `overwrite_table` held in one atomic step; on any error it keeps what it had. The answer is collected in memory and
// counted against the memory limit. What is written to the table by others while the job runs may stay. invalid_argument: a statement
// (with the column and what was expected), or a name that does not fit the table's comparator; not_found: the table to read; conflict:
// the table to write is external, or a family with data that is no table; cancelled, deadline_exceeded, limit_exceeded: the execution's
// limits, where a cell counts as a line.
Result<JobResult> run_job(Store& store, const Job& job, Execution& execution);

}  // namespace nmstore::query
