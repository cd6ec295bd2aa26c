// Looks through one block as a whole: whether all of it can be read, and whether what is derived from its
// lines (filter, summaries of columns, head) is true of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/block.h"
#include "nmstore/day_row.h"
#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

struct BlockFault {
    std::string what;      // "its filter lacks the word …", for a person
    bool derived = false;  // made of the block's lines: it can be made anew from them
};
inline constexpr std::size_t kMaxFaultsOfBlock = 16;

struct BlockFindings {
    std::vector<BlockFault> faults;   // at most kMaxFaultsOfBlock
    bool readable = false;            // every line and every cell comes back
    BlockInfo head;                   // if it is readable: as its head should be
    std::uint64_t next_sequence = 1;  // greater than every line's
};

// As the sealer has it (engine/cell_text.h).
RowKind kind_of_row(std::string_view key);

// A reader of the block that nobody else uses.
using OpenBlock = std::function<std::unique_ptr<block::BlockReader>()>;

// `stored`: the head but for `sections` and `stored_bytes`, which are as they are. `kind`: of the row. An
// Error is one of reading only; what is wrong with the block is a fault. Holds what a reader of the block
// does, and a copy of its text if it is one of cells.
Result<BlockFindings> check_block(const BlockInfo& head, const BlockInfo& stored, RowKind kind,
                                  const OpenBlock& open);

}  // namespace nmstore
