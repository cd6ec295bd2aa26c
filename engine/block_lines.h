// The lines that stand in the blocks of one row, in the order of their ids, either way. Ranges of blocks may
// overlap: they are merged. A block is opened when the cursor comes to its range; each gives some lines at a
// time, and only a few stay open, so that memory is bounded however many overlap.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core.h"
#include "engine/stored_block.h"
#include "nmstore/line.h"

namespace nmstore {

// Both ends are inclusive.
struct BlockRange {
    std::int64_t first_ms = INT64_MIN;
    std::int64_t last_ms = INT64_MAX;
    Order order = Order::ascending;
    std::optional<LineId> after;
};

class BlockLines {
  public:
    // `blocks`: all of the row as list_blocks gives them. The core must outlive it; it holds the snapshot.
    BlockLines(const Core& core, std::vector<BlockInfo> blocks, const BlockRange& range,
               SnapshotPtr snapshot);
    BlockLines(BlockLines&&) noexcept;
    ~BlockLines();

    // Moves to the first or next line; false at the end.
    Result<bool> next();
    // Of the line; views live until the next move.
    const LineId& id() const;
    std::string_view text() const;
    std::string_view fields() const;

    // What is held open at most, whatever overlaps; lines at hand besides.
    static constexpr std::size_t kMaxOpen = 4;
    static constexpr std::size_t kBytesAtHand = std::size_t{64} << 10;

  private:
    class Source;

    bool before(const LineId& a, const LineId& b) const;
    Result<void> enter_blocks();
    Result<bool> refill(Source& source);
    Result<void> find_place(Source& source);
    Result<void> find_expired(Source& source) const;

    const Core& core_;
    const BlockRange range_;
    const bool ascending_;
    const SnapshotPtr snapshot_;
    const std::int64_t now_ms_;
    std::vector<BlockInfo> waiting_;               // the next one last
    std::vector<std::unique_ptr<Source>> active_;  // a heap: the one with the next line first
    std::vector<Source*> open_;                    // least recently used first
    bool started_ = false;
};

}  // namespace nmstore
