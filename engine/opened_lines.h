// Follows the lines that changed cells of a row of logs may have opened, through entries and blocks, so that
// no more blocks are turned into entries than lines can reach into.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cell_blocks.h"
#include "engine/cell_run.h"
#include "engine/core.h"

namespace nmstore {

// How the cells end that a batch puts into a row, by their times.
using PutCells = std::map<std::int64_t, CellEnd>;

// Those of many rows of one batch, found by going through it once. Belongs to one thread.
class PutCellsOfRows {
  public:
    void want(std::string_view partition) { rows_.try_emplace(std::string(partition)); }
    // Of the rows that were wanted; the batch's later puts are not seen.
    Result<void> find(const kv::Batch& batch);
    // The row must have been wanted.
    const PutCells& of(const std::string& partition) const { return rows_.at(partition); }
    bool empty() const { return rows_.empty(); }

  private:
    std::unordered_map<std::string, PutCells> rows_;
};

// Belongs to one thread, which holds the row's lock. What it is made of must outlive it.
class OpenedLines {
  public:
    // `changed_ms`: the times of cells that the batch puts or removes, rising; `put`: those that it puts.
    OpenedLines(const Core& core, const std::string& partition, const std::vector<std::int64_t>& changed_ms,
                const PutCells& put)
        : core_(core),
          partition_(partition),
          changed_ms_(changed_ms),
          now_ms_(core.clock.now_ms()),
          put_(put) {}

    // The row's next part: entries of [from, to], or a block that becomes entries. In order; parts may be
    // left out that have no changes while no line is open.
    Result<void> follow_entries(std::int64_t from_ms, std::int64_t to_ms);
    Result<void> follow_block(CellBlock& block);
    // A line may go on behind the last part.
    bool open() const { return lines_.open(); }

    // Who meets more cells between two changes takes the line for open.
    static constexpr std::size_t kMaxFollowed = 4096;

  private:
    template <class Cells>
    Result<void> follow(Cells& cells, std::int64_t from_ms, std::int64_t to_ms);
    CellEnd put_at(std::int64_t time_ms) const;

    const Core& core_;
    const std::string partition_;
    const std::vector<std::int64_t>& changed_ms_;
    const std::int64_t now_ms_;
    const PutCells& put_;
    ChangedLines lines_;
};

}  // namespace nmstore
