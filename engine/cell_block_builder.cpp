#include "engine/cell_block_builder.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/line_cursor.h"
#include "engine/line_cut.h"

namespace nmstore {

void tell_cells(const std::vector<SealedCell>& cells, BlockInfo& head) {
    head.cells = cells.size();
    head.first_cell_ms = cells.front().time_ms;
    head.last_cell_ms = cells.back().time_ms;
    head.first_expiry_ms = head.last_expiry_ms = 0;
    bool forever = false;
    for (const SealedCell& cell : cells) {
        if (cell.expires_at_ms == 0) {
            forever = true;
            continue;
        }
        head.first_expiry_ms = head.first_expiry_ms == 0 ? cell.expires_at_ms
                                                         : std::min(head.first_expiry_ms, cell.expires_at_ms);
        head.last_expiry_ms = std::max(head.last_expiry_ms, cell.expires_at_ms);
    }
    if (forever && head.first_expiry_ms != 0) head.last_expiry_ms = INT64_MAX;
}

void CellBlockBuilder::add(std::int64_t time_ms, std::int64_t expires_at_ms, std::string_view value,
                           const CellText& text) {
    const std::size_t place = extras_.cells.size();
    SealedCell& cell = extras_.cells.emplace_back();
    cell.time_ms = time_ms;
    cell.expires_at_ms = expires_at_ms;
    cell.no_text = text.empty();
    const std::size_t form = forms_.find(value, text, time_ms);
    if (form == FormFinder::kNone) {
        cell.raw = value;
        raw_bytes_ += value.size();
    } else {
        cell.form = static_cast<std::uint32_t>(form);
        cell.numbers = forms_.numbers();
    }
    if (text.empty()) return;
    const bool logs = kind_ == RowKind::logs;
    cell.half = logs && text.text().back() != '\n';
    const bool has_newline = text.size() > 1 || !text.half();
    std::size_t piece = 0;
    if (!waiting_.empty() && has_newline) {
        values_.emplace_back(value);  // needed too if the line comes out cut
        end_waiting(text[0]);
        piece = 1;
    }
    const std::size_t whole = text.half() ? text.size() - 1 : text.size();
    for (; piece < whole; ++piece) {
        if (is_too_long(text[piece]) && extras_.cells[place].form != SealedCell::kRaw) {
            extras_.cells[place].raw = value;
            keep_raw(place);
        }
        add_line(place, static_cast<std::uint32_t>(piece), text[piece]);
    }
    if (!text.half()) return;
    waiting_.push_back(
        {place, static_cast<std::uint32_t>(text.size() - 1), std::string(text[text.size() - 1])});
    values_.emplace_back(value);
    if (waiting_.size() > kMaxJoinedCells) end_first_alone();
}

void CellBlockBuilder::end() {
    while (!waiting_.empty()) end_first_alone();
}

// No newline is near enough.
void CellBlockBuilder::end_first_alone() {
    const Waiting& first = waiting_.front();
    SealedCell& cell = extras_.cells[first.cell];
    if (is_too_long(first.text) && cell.form != SealedCell::kRaw) {
        cell.raw = std::move(values_.front());
        keep_raw(first.cell);
    }
    add_line(first.cell, first.piece, first.text);
    waiting_.pop_front();
    values_.pop_front();
}

void CellBlockBuilder::keep_raw(std::size_t cell) {
    SealedCell& kept = extras_.cells[cell];
    kept.form = SealedCell::kRaw;
    kept.numbers.clear();
    raw_bytes_ += kept.raw.size();
}

void CellBlockBuilder::add_line(std::size_t cell, std::uint32_t piece, std::string_view text) {
    const std::size_t begin = text_.size();
    if (is_too_long(text)) {
        text_.append(kept_of_line(text)).append(kCutMark);
    } else {
        text_.append(text);
    }
    lines_.push_back({extras_.cells[cell].time_ms, piece, begin, text_.size() - begin});
    ++extras_.cells[cell].lines;
}

// What waits becomes one line with `rest`. values_ has the value of each that waits, and of the cell that
// ends them.
void CellBlockBuilder::end_waiting(std::string_view rest) {
    const std::size_t count = waiting_.size();
    const auto keep = [&](std::size_t i, std::size_t cell) {
        if (extras_.cells[cell].form == SealedCell::kRaw) return;
        extras_.cells[cell].raw = std::move(values_[i]);
        keep_raw(cell);
    };
    std::string joined;
    for (std::size_t i = 0; i < count; ++i) {
        extras_.cells[waiting_[i].cell].part = waiting_[i].text.size() + 1;
        joined += waiting_[i].text;
    }
    joined += rest;
    if (is_too_long(joined)) {
        for (std::size_t i = 0; i < count; ++i) keep(i, waiting_[i].cell);
        keep(count, extras_.cells.size() - 1);
    }
    add_line(waiting_.front().cell, waiting_.front().piece, joined);
    waiting_.clear();
    values_.clear();
}

Result<BuiltBlock> CellBlockBuilder::build(Core& core, RowId row, int level, std::int64_t decided_to_ms) {
    end();
    BuiltBlock out;
    if (lines_.empty()) {
        *this = CellBlockBuilder(kind_);
        return out;
    }
    block::BlockWriter writer;
    for (const MadeLine& line : lines_) writer.add({line.time_ms, 0, line.piece, text_of(line), {}});
    BlockInfo& info = out.info;
    info.first = {lines_.front().time_ms, row, 0, lines_.front().piece};
    info.last = {lines_.back().time_ms, row, 0, lines_.back().piece};
    info.lines = lines_.size();
    info.text_bytes = text_.size();
    tell_cells(extras_.cells, info);
    info.decided_to_ms = std::max(info.last_cell_ms, decided_to_ms);
    info.tight = level >= block::kTightLevel;
    extras_.in_lines = kind_ == RowKind::logs;
    extras_.forms = forms_.forms();
    const std::string extras = write_cell_extras(extras_, lines_.front().time_ms);
    NM_ASSIGN(out.sections, writer.finish_sections(extras, level));
    NM_ASSIGN(info.number, core.block_numbers.take());
    info.sections = static_cast<std::uint32_t>(out.sections.size());
    for (const std::string& section : out.sections) info.stored_bytes += section.size();
    text_.clear();
    lines_.clear();
    extras_ = {};
    forms_ = {};
    raw_bytes_ = 0;
    return out;
}

}  // namespace nmstore
