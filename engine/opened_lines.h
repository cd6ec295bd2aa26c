// Follows the lines that changed cells of a row of logs may have opened, through entries and blocks, so that
// no more blocks are turned into entries than lines can reach into.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/cell_blocks.h"
#include "engine/cell_run.h"
#include "engine/core.h"

namespace nmstore {

// Belongs to one thread, which holds the row's lock. Core and batch must outlive it.
class OpenedLines {
  public:
    // `changed_ms`: the times of cells that the batch puts or removes, rising; it must outlive what comes
    // out.
    static Result<void> find_changes(const Core& core, const kv::Batch& batch, const std::string& partition,
                                     const std::vector<std::int64_t>& changed_ms,
                                     std::optional<OpenedLines>& out);

    // The row's next part: entries of [from, to], or a block that becomes entries. In order; parts may be
    // left out that have no changes while no line is open.
    Result<void> follow_entries(std::int64_t from_ms, std::int64_t to_ms);
    Result<void> follow_block(CellBlock& block);
    // A line may go on behind the last part.
    bool open() const { return lines_.open(); }

    // Who meets more cells between two changes takes the line for open.
    static constexpr std::size_t kMaxFollowed = 4096;

  private:
    OpenedLines(const Core& core, const std::string& partition, const std::vector<std::int64_t>& changed_ms)
        : core_(core), partition_(partition), changed_ms_(changed_ms), now_ms_(core.clock.now_ms()) {}
    template <class Cells>
    Result<void> follow(Cells& cells, std::int64_t from_ms, std::int64_t to_ms);
    CellEnd put_at(std::int64_t time_ms) const;

    const Core& core_;
    const std::string partition_;
    const std::vector<std::int64_t>& changed_ms_;
    const std::int64_t now_ms_;
    std::map<std::int64_t, CellEnd> put_;  // by the batch, at times that have changed
    ChangedLines lines_;
};

}  // namespace nmstore
