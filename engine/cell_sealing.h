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
#include <vector>

#include "engine/core.h"
#include "engine/stored_block.h"
#include "nmstore/day_row.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

struct CellSealing {
    // Which cells: both ends inclusive. from_ms: INT64_MIN, or where the first block of `again` begins.
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
    // Blocks of cells of the row, in the range as a whole, whose cells are sealed anew together with those of
    // `entries`, so that small ones become one. The row's other blocks of cells stay as they are.
    std::vector<BlockInfo> again;
    std::size_t block_bytes = std::size_t{1} << 20;  // text of a block, about
    std::size_t min_run_bytes = 0;  // at the row's end a block of less is not made: it will become more
    // Stops behind the block that brings the text of all to this many bytes: memory is bounded by it. Not
    // with `again`.
    std::size_t max_bytes = std::size_t{4} << 20;
    // Nothing is expected to come behind the row's last cell: half lines at its end stay as they are. The row
    // must be at work up to INT64_MAX.
    bool over = false;
    int level = 1;  // of zstd
};

struct SealedCells {
    std::vector<BuiltBlock> blocks;           // in order of time
    std::vector<BlockInfo> replaced;          // `again`
    std::vector<std::int64_t> cell_times_ms;  // cells of `entries` that are in `blocks`, rising
    std::uint64_t text_bytes = 0;             // of blocks
    std::uint64_t left_cells = 0;             // of `entries`, in a closed run at the end that is too small
    std::uint64_t left_bytes = 0;             // of their texts
    bool more = false;                        // stopped by max_bytes: ask again when this has been applied
};

// A group of cells between two places where no line crosses is not sealed if it has more than this.
inline constexpr std::size_t kMaxGroupCells = 4096;
inline constexpr std::size_t kMaxGroupBytes = std::size_t{8} << 20;

// Reads and builds; changes nothing. Nothing comes out if the cells of `again` cannot stand in blocks any
// more.
Result<SealedCells> seal_cells(Core& core, RowId row, RowKind kind, const SnapshotPtr& snapshot,
                               const CellSealing& how);

// Puts the blocks into the batch, removes what they replace, and notes in the row where its blocks of cells
// end. Under the row's lock.
void put_sealed_cells(kv::Batch& batch, Row& row, const SealedCells& sealed);

}  // namespace nmstore
