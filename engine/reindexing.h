// Makes anew what of sealed blocks is derived from their lines: filters, summaries, heads, the sums over all
// blocks, and the word index above them.
//
// A block never changes, so one that is made anew takes the place of the old one, with a number of its own,
// in one batch (engine/row_at_work.h): a crash leaves the one or the other. Between two blocks nothing is
// held.
#pragma once

#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

// See Store::reindex. Memory: the heads of one row's blocks, and one block twice.
Result<ReindexReport> reindex_blocks(Core& core, const ReindexRequest& request, const Progress& progress);

}  // namespace nmstore
