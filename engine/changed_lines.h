// What a change says, with the names of families and columns, and the lines that came with it.
#pragma once

#include <memory>
#include <vector>

#include "engine/core.h"
#include "nmstore/change.h"
#include "nmstore/line.h"
#include "nmstore/store.h"

namespace nmstore {

// See Store::read_changes. Values of families that are gone are left out.
Result<std::vector<Change>> read_changes(const Core& core, ChangeNumber from, std::size_t max_bytes);

// See Store::changed_lines. The core must outlive the cursor.
Result<std::unique_ptr<LineCursor>> new_changed_lines(const Core& core, const Change& change,
                                                      const ChangedRow& changed, const LogRow& row,
                                                      const SnapshotPtr& snapshot);

}  // namespace nmstore
