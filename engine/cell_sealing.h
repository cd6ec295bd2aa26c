// Posted cells of one row become blocks: finds the closed runs among them (engine/cell_run.h), and makes a
// block or more of each. The caller (engine/sealer, or whoever merges blocks) holds no lock meanwhile, and
// applies what comes out under the row's lock, in one batch, if the row has not been disturbed since the
// snapshot (see Row::sealing_to_ms).
//
// Blocks of cells never overlap each other, and no live posted cell of `entries` stands in the range of one;
// appended lines may.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/core.h"
#include "engine/stored_block.h"
#include "nmstore/day_row.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

struct CellSealing {
    // Which cells of `entries`: both ends inclusive. Any from_ms is right; from where an earlier call ended
    // (`next_ms`), nothing is read twice.
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
    // Blocks of cells of the row whose cells are sealed anew, together with those of `entries`, so that small
    // ones become one. Each must be within [from_ms, to_ms] as a whole; those in the range that are not named
    // stay as they are.
    std::vector<BlockInfo> again;
    std::size_t block_bytes = std::size_t{1} << 20;  // text of a block, about
    // A run with fewer bytes of text stays where it is (cells of `again` are sealed whatever they come to).
    std::size_t min_run_bytes = 0;
    // Stops behind the block that brings the text of all blocks to this many bytes: memory is bounded by it.
    std::size_t max_bytes = std::size_t{8} << 20;
    int level = 1;                     // of zstd
    std::function<bool()> keep_going;  // empty: always; false: fails with `cancelled`
};

struct SealedCells {
    std::vector<BuiltBlock> blocks;           // in order of time
    std::vector<BlockInfo> replaced;          // of `again`: their cells are in `blocks`
    std::vector<std::int64_t> cell_times_ms;  // cells of `entries` that are in `blocks`, rising
    std::uint64_t left =
        0;              // live cells that were looked at and stay in `entries`: in no closed run, or too few
    bool more = false;  // stopped by max_bytes: go on from next_ms when this has been applied
    std::int64_t next_ms = 0;  // nothing sealable is before it (where more is false: behind to_ms)

    bool empty() const { return blocks.empty(); }
};

// Reads and builds; changes nothing. `kind` is that of the row's key (parse_day_row; other: no day row). All
// of `again` is replaced, or (if `more`) those before next_ms.
Result<SealedCells> seal_cells(Core& core, RowId row, RowKind kind, const SnapshotPtr& snapshot,
                               const CellSealing& how);

// Puts the blocks into the batch, and removes what they replace. Under the row's lock, undisturbed. The
// caller tells the row in memory with note_sealed_cells() when the batch has been applied.
void put_sealed_cells(kv::Batch& batch, RowId row, const SealedCells& sealed);
void note_sealed_cells(Row& row, const SealedCells& sealed);

}  // namespace nmstore
