// The blocks of one row in the order in which a sequence of lines comes to them. They wait as one, under the
// earliest id that a line of the next of them can have: a row may have thousands, and a query is mostly told
// by their filters that it need not come to them at all.
#pragma once

#include <cstddef>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::query {

// The row must outlive it.
class BlockRun {
  public:
    // Of `blocks` those that may have lines in the range.
    BlockRun(const LogRow& row, std::vector<BlockInfo> blocks, const LineRange& range);

    const LogRow& row() const { return row_; }
    bool empty() const { return passed_ == blocks_.size(); }
    // ---- Unless it is empty.
    const BlockInfo& next() const { return blocks_[passed_]; }
    // The id before the first (in the order of the range) that next() and those behind it can have: what has
    // been passed over then has none of their lines.
    LineId key() const;
    void pass() { ++passed_; }

    std::size_t memory_bytes() const { return blocks_.capacity() * sizeof(BlockInfo); }

  private:
    const LogRow& row_;
    const LineRange range_;
    std::vector<BlockInfo> blocks_;
    std::size_t passed_ = 0;
};

}  // namespace nmstore::query
