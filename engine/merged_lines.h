// All lines of one row: those of its blocks and the fresh ones, merged in the order of their ids.
#pragma once

#include <memory>

#include "engine/core.h"
#include "nmstore/line.h"
#include "nmstore/store.h"

namespace nmstore {

// `row` and the core must outlive the cursor. What expires after it was made stays visible to it.
Result<std::unique_ptr<LineCursor>> new_merged_cursor(const Core& core, const LogRow& row,
                                                      const LineRange& range, const SnapshotPtr& snapshot);
// Of one block alone, without what has expired.
std::unique_ptr<LineCursor> new_block_cursor(const Core& core, const LogRow& row, const BlockInfo& block,
                                             const LineRange& range, const SnapshotPtr& snapshot);

}  // namespace nmstore
