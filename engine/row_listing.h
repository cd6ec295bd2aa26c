// Which rows there are: by key for users, by time and kind for searchers, by value from the secondary
// indexes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

Result<std::vector<std::string>> list_rows(const Core& core, const Schema& schema, std::string_view from,
                                           std::string_view prefix, std::size_t limit);
Result<std::vector<std::string>> find_rows_by_value(const Core& core, const Schema& schema,
                                                    std::string_view column, std::string_view value,
                                                    std::size_t limit);
Result<std::vector<LogRow>> list_log_rows(const Core& core, const RowSelection& selection,
                                          const SnapshotPtr& snapshot);
Result<std::optional<LogRow>> find_log_row(const Core& core, RowId id, const SnapshotPtr& snapshot);

Result<std::vector<Counter>> list_counters(const Core& core, std::string_view row, std::string_view from,
                                           std::size_t limit);
Result<std::vector<std::string>> list_counter_rows(const Core& core, std::string_view from,
                                                   std::string_view prefix, std::size_t limit);

}  // namespace nmstore
