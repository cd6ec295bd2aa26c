// The cells that stand in the blocks of cells of one row, given back as they were posted, either way. One
// block is open at a time: they do not overlap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/block_lines.h"
#include "engine/cell_extras.h"
#include "engine/core.h"

namespace nmstore {

// An open block of cells. Belongs to one thread.
class CellBlock {
  public:
    // corruption: not a block of cells.
    static Result<std::unique_ptr<CellBlock>> open(const Core& core, const BlockInfo& block,
                                                   const SnapshotPtr& snapshot);
    // `reader`: of the block.
    static Result<std::unique_ptr<CellBlock>> open(const BlockInfo& block,
                                                   std::unique_ptr<block::BlockReader> reader);

    const BlockInfo& info() const { return info_; }
    const std::vector<SealedCell>& cells() const { return extras_.cells; }
    // The value of a cell, byte for byte; the view lives until the next call.
    Result<std::string_view> value(std::size_t cell);

  private:
    static constexpr std::uint64_t kRest = UINT64_MAX;

    CellBlock(const BlockInfo& info, std::unique_ptr<block::BlockReader> reader)
        : info_(info), reader_(std::move(reader)) {}
    Result<void> append_piece(std::uint32_t line, std::uint64_t begin, std::uint64_t bytes);

    const BlockInfo info_;
    const std::unique_ptr<block::BlockReader> reader_;
    CellExtras extras_;
    std::string text_, value_;
};

class CellsInBlocks {
  public:
    // `blocks`: of the row, those of lines are passed over. What has expired by now is too. The core must
    // outlive it.
    CellsInBlocks(const Core& core, std::vector<BlockInfo> blocks, const BlockRange& range,
                  SnapshotPtr snapshot);

    Result<bool> next();  // false at the end
    std::int64_t time_ms() const { return cell().time_ms; }
    std::int64_t expires_at_ms() const { return cell().expires_at_ms; }
    Result<std::string_view> value() { return block_->value(at_); }

  private:
    const SealedCell& cell() const { return block_->cells()[at_]; }

    const Core& core_;
    const BlockRange range_;
    const bool ascending_;
    const SnapshotPtr snapshot_;
    const std::int64_t now_ms_;
    std::vector<BlockInfo> waiting_;  // the next one last
    std::unique_ptr<CellBlock> block_;
    std::size_t at_ = 0;
    std::size_t next_ = 0;  // ascending: the next place; descending: the one after it
};

}  // namespace nmstore
