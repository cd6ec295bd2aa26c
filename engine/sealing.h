// Turns the fresh appended lines of one row into blocks.
#pragma once

#include <functional>

#include "engine/core.h"

namespace nmstore {

struct Sealed {
    std::uint64_t blocks = 0;  // that were made
    std::uint64_t lines = 0;   // that went into them
    std::uint64_t text_bytes = 0;
    std::uint64_t left_lines = 0;  // that could be sealed and were not
    std::uint64_t left_bytes = 0;
    bool disturbed = false;  // a removal came in between: try again later
    bool stopped = false;    // `go_on` said so
};

// `all`: also what is not enough for a full block. One step for each block: its lines are in the block and no
// longer entries, or still as they were. `go_on` is asked before each block. The caller holds
// Core::sealing_turn. A row that is gone has nothing to seal.
Result<Sealed> seal_lines(Core& core, RowId row, bool all, const std::function<bool()>& go_on);

// The same for posted cells: those that are in closed runs (engine/cell_sealing.h). One step for all that is
// held in memory at once. `lines` are cells here. `for_good`: of a day row whose day is over also the half lines
// at its end, which hardly anything will go on with; who does turns their block into entries again.
Result<Sealed> seal_posted_cells(Core& core, RowId row, bool all, bool for_good,
                                 const std::function<bool()>& go_on);

// How many lines and posted cells of a row, and how many bytes of them, could be sealed; counts no further
// than a full block.
Result<Sealed> count_fresh(const Core& core, RowId row);

}  // namespace nmstore
