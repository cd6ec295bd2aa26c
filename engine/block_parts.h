// What there is of a block under its keys, whatever its head says: for those who look whether it is sound, or
// make anew what is not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/core.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

struct BlockParts {
    BlockInfo info;  // as the head says; without one it has the number and the row only
    bool has_head = false;
    bool has_whole = false;          // there is a value of all sections
    std::uint32_t sections = 0;      // in that value; else greater than the place of each that has a key
    std::uint64_t stored_bytes = 0;  // of all sections

    // The head with what is stored of the sections in place of what it says of them.
    BlockInfo as_stored() const;
};

// By the numbers of the blocks of one row.
using BlockPartsByNumber = std::map<std::uint64_t, BlockParts>;

// Takes one key of Space::blocks. corruption: none of ours, or a head that cannot be read.
Result<void> add_block_part(BlockPartsByNumber& blocks, RowId row, std::string_view key,
                            std::string_view value);

// What add_block_part() does not take is passed over.
Result<BlockPartsByNumber> find_block_parts(const Core& core, RowId row, const SnapshotPtr& snapshot);
// Of one block; nullopt: there is nothing of it.
Result<std::optional<BlockParts>> find_block_parts(const Core& core, RowId row, std::uint64_t number,
                                                   const SnapshotPtr& snapshot);

// Reads its sections where they are. The core must outlive the reader, which holds the snapshot.
std::unique_ptr<block::BlockReader> open_block_parts(const Core& core, const BlockParts& parts,
                                                     const SnapshotPtr& snapshot);

// Removes every key of it, and what its head says from the sums over all blocks.
void erase_block_parts(kv::Batch& batch, const BlockParts& parts);

}  // namespace nmstore
