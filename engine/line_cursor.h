// The fresh lines of one row of a time family (those in no block), in either direction. A posted cell is
// taken apart when the cursor comes to it.
//
// Half lines: the last piece of a half cell goes on with the first piece of the row's next live cell that has
// any, and so on until a newline. The joined line belongs to the cell in which it begins. Where none of the
// next kMaxJoinedCells cells has a newline nothing is joined: an agent that never sends one has a line for
// each value. Both questions
// (does this cell's first piece belong to an earlier one? what follows its last?) are answered by looking at
// the neighbours, so that a cursor gives the same lines wherever and in whichever direction it starts.
#pragma once

#include <memory>

#include "engine/core.h"
#include "nmstore/line.h"
#include "nmstore/store.h"

namespace nmstore {

inline constexpr std::size_t kMaxJoinedCells = 16;

// `row` and the core must outlive the cursor. What expires after it was made stays visible to it.
Result<std::unique_ptr<LineCursor>> new_line_cursor(const Core& core, const LogRow& row,
                                                    const LineRange& range, const SnapshotPtr& snapshot);

}  // namespace nmstore
