// Makes few blocks of many: small ones that stand beside each other in a row become one. Which, is chosen so
// that a line is rewritten a few times only in its life, however many small blocks come: a block goes into
// one that is at least twice as large, or that is full.
#pragma once

#include <functional>

#include "engine/core.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

enum class MergeWhen : std::uint8_t {
    worth_it,  // enough of them of about one size: while the row is being written
    quiet,     // any that make a block a third larger: nobody is writing for now
    for_good,  // all that fit into one: nothing is expected to come
    compact,   // into great ones, compressed as well as can be: somebody has asked for it
};

struct Merged {
    std::uint64_t before = 0;  // blocks that went
    std::uint64_t after = 0;   // that came instead
    std::uint64_t text_bytes = 0;  // of lines in them; of posted cells not
    bool could_go_on = false;  // the row has small blocks beside each other, which `for_good` would merge
    bool disturbed = false;    // a removal came in between: try again later
    bool stopped = false;      // `go_on` said so
};

// The caller holds Core::sealing_turn. A row that is gone has nothing to merge.
Result<Merged> merge_blocks(Core& core, RowId row, MergeWhen when, const std::function<bool()>& go_on);

// Whether MergeWhen::for_good would find something in the row. Reads heads only.
Result<bool> has_blocks_to_merge(const Core& core, RowId row);

// Whether a block is to be merged with others when there are some.
bool is_small(const BlockInfo& block, std::size_t block_bytes);

// What a block of MergeWhen::compact is to have, as a multiple of SealingOptions::block_bytes.
inline constexpr std::size_t kCompactFactor = 2;
// What sealing, merging or compacting holds in memory at once, whatever rows, lines and cells are like: a few
// times the text of one block. That has up to kCompactFactor * block_bytes and half as much again, or a line
// of kMaxLineBytes with as much of fields more than block_bytes, or a group of cells (kMaxGroupBytes). With
// the default of block_bytes; besides, the database takes what it needs to read a value.
inline constexpr std::size_t kMaxSealingBytes = std::size_t{128} << 20;
// No more become one at once, however small they are: each takes some memory of its own.
inline constexpr std::size_t kMostMerged = 1024;

// The next blocks to merge, [begin, end) of a row's blocks in the order of list_blocks(); empty: none. One
// block alone is chosen to be compressed harder.
struct MergeChoice {
    std::size_t begin = 0;
    std::size_t end = 0;
};
MergeChoice choose_blocks(const std::vector<BlockInfo>& blocks, std::size_t block_bytes, MergeWhen when);

}  // namespace nmstore
