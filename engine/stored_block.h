// Blocks in the store: a head and sections for each, under keys of their own, so that a reader touches only
// what it asks for. Whoever adds or removes one holds the row's lock when the batch is applied.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core.h"
#include "nmstore/sealed_block.h"
#include "nmstore/store.h"

namespace nmstore {

// A block that is not stored yet.
struct BuiltBlock {
    BlockInfo info;
    std::vector<std::string> sections;  // as they are stored
};

// A block that is stored in less than this is one value, as its parts would cost more than they save.
inline constexpr std::uint64_t kWholeBlockBytes = std::uint64_t{32} << 10;
inline constexpr std::size_t kSizeBytes = 4;  // of a section's size before them
inline bool is_whole(const BlockInfo& block) {
    return block.stored_bytes < kWholeBlockBytes;
}

// Each also keeps the sums over all blocks.
void put_block(kv::Batch& batch, const BuiltBlock& block);
void erase_block(kv::Batch& batch, const BlockInfo& block);
// For blocks that go with their whole row: only the sums.
void discount_blocks(kv::Batch& batch, const std::vector<BlockInfo>& blocks);

// In order of the first id.
Result<std::vector<BlockInfo>> list_blocks(const Core& core, RowId row,
                                           const SnapshotPtr& snapshot = nullptr);

// nullopt: there is none of that number.
Result<std::optional<BlockInfo>> find_block(const Core& core, RowId row, std::uint64_t number,
                                            const SnapshotPtr& snapshot);

// Reads nothing yet. The core must outlive the reader; the reader holds the snapshot.
std::unique_ptr<block::BlockReader> open_stored_block(const Core& core, const BlockInfo& block,
                                                      const SnapshotPtr& snapshot = nullptr);
// The same of one whose head may be wrong about how its sections are kept.
std::unique_ptr<block::BlockReader> open_stored_block_as(const Core& core, const BlockInfo& block, bool whole,
                                                         const SnapshotPtr& snapshot);
// The same, sharing what is opened of it with other readers by way of the core's cache.
std::unique_ptr<block::BlockReader> open_shared_block(Core& core, const BlockInfo& block,
                                                      const SnapshotPtr& snapshot);

}  // namespace nmstore
