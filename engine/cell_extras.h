// The extras of a block of cells (docs/block-format.md, Cells): where in the block's lines the text of each
// cell is, and what else its value is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cell_form.h"
#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

inline constexpr std::size_t kMaxCellsOfBlock = std::size_t{1} << 20;

struct SealedCell {
    static constexpr std::uint32_t kRaw = UINT32_MAX;

    std::int64_t time_ms = 0;
    std::int64_t expires_at_ms = 0;  // 0: never
    std::uint32_t form = kRaw;       // kRaw: the value is `raw`
    bool no_text = false;            // nothing at all
    bool half = false;               // its text ends without a newline
    std::uint64_t part = 0;          // half: 0, or 1 + bytes of its last piece in a line that goes on
    std::uint32_t lines = 0;         // that begin with it
    std::vector<std::uint64_t> numbers;
    std::string raw;

    // Found when read: its lines from first_line on; and where the piece is that goes on with an earlier
    // line.
    std::uint32_t first_line = 0;
    bool continues = false;
    std::uint32_t continued_line = 0;
    std::uint64_t continued_at = 0;
};

struct CellExtras {
    bool in_lines = false;  // texts were divided at newlines (logs); else each is one line as it is
    std::vector<CellForm> forms;
    std::vector<SealedCell> cells;  // in order of time
};

std::string write_cell_extras(const CellExtras& extras, std::int64_t first_line_ms);
// corruption: not the extras of a block with these lines.
Result<CellExtras> parse_cell_extras(std::string_view bytes, const std::vector<block::LineKey>& lines);

}  // namespace nmstore
