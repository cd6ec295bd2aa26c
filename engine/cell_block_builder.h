// A block of cells in the making: the cells of a closed run become lines, as a cursor would give them, and
// extras. Belongs to one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cell_extras.h"
#include "engine/stored_block.h"
#include "nmstore/day_row.h"

namespace nmstore {

// Sets what the head of a block says of its cells, of which there is at least one.
void tell_cells(const std::vector<SealedCell>& cells, BlockInfo& head);

class CellBlockBuilder {
  public:
    static constexpr std::size_t kMaxCells = std::size_t{1} << 16;

    explicit CellBlockBuilder(RowKind kind) : kind_(kind) {}

    // The next cell in time; `text` has been assigned its value. Cells must come as a closed run.
    void add(std::int64_t time_ms, std::int64_t expires_at_ms, std::string_view value, const CellText& text);
    bool empty() const { return extras_.cells.empty(); }
    std::size_t cells() const { return extras_.cells.size(); }
    std::size_t bytes() const { return text_.size() + raw_bytes_; }  // of lines and of what is kept raw
    bool full(std::size_t block_bytes) const {
        return bytes() >= block_bytes || cells() >= kMaxCells || lines_.size() >= kMaxCells;
    }

    struct MadeLine {
        std::int64_t time_ms;
        std::uint32_t piece;
        std::size_t begin;
        std::size_t size;
    };
    const std::vector<MadeLine>& lines() const { return lines_; }
    std::string_view text_of(const MadeLine& line) const {
        return std::string_view(text_).substr(line.begin, line.size);
    }

    // After the last cell of the run: half lines that still wait are lines of their own.
    void end();
    // The block of all that, ended. `decided_to_ms`: by the cells up to there. The builder is empty then; a
    // run without a line makes no block (its number is 0).
    Result<BuiltBlock> build(Core& core, RowId row, int level, std::int64_t decided_to_ms = INT64_MIN);

  private:
    // A half cell whose line waits for what follows.
    struct Waiting {
        std::size_t cell;
        std::uint32_t piece;
        std::string text;
    };

    void add_line(std::size_t cell, std::uint32_t piece, std::string_view text);
    void keep_raw(std::size_t cell);
    void end_waiting(std::string_view rest);
    void end_first_alone();

    RowKind kind_;
    std::string text_;
    std::vector<MadeLine> lines_;
    std::deque<Waiting> waiting_;
    CellExtras extras_;
    std::deque<std::string> values_;  // of cells that wait, beside waiting_: their form may not do
    FormFinder forms_;
    std::size_t raw_bytes_ = 0;
};

}  // namespace nmstore
