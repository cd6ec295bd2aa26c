// One table by its name, as a job needs it.
#pragma once

#include <optional>
#include <string_view>

#include "query/map_reduce.h"

namespace nmstore::query {

// nullopt: not declared.
Result<std::optional<TableInfo>> find_table(const Store& store, std::string_view name);

}  // namespace nmstore::query
