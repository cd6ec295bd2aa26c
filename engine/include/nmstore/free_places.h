// Cells that may replace nothing.
#pragma once

#include "nmstore/store.h"

namespace nmstore {

// As CellBatch::commit(), of a batch that a Store has given out for a time family, if each cell's place in
// its row is free at that moment. conflict: in one of them something stands that has not expired, a cell or
// an appended line; nothing is written then. unsupported: another batch.
Result<CommitResult> commit_where_free(CellBatch& batch);

}  // namespace nmstore
