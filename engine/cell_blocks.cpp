#include "engine/cell_blocks.h"

#include <algorithm>

namespace nmstore {

Result<std::unique_ptr<CellBlock>> CellBlock::open(const Core& core, const BlockInfo& block,
                                                   const SnapshotPtr& snapshot) {
    return open(block, open_stored_block(core, block, snapshot));
}

Result<std::unique_ptr<CellBlock>> CellBlock::open(const BlockInfo& block,
                                                   std::unique_ptr<block::BlockReader> reader) {
    NM_TRY(reader->read_directory());
    NM_ASSIGN(const auto* ids, reader->ids());
    NM_ASSIGN(const std::string_view extras, reader->extras());
    std::unique_ptr<CellBlock> out(new CellBlock(block, std::move(reader)));
    NM_ASSIGN(out->extras_, parse_cell_extras(extras, *ids));
    return out;
}

Result<void> CellBlock::append_piece(std::uint32_t line, std::uint64_t begin, std::uint64_t bytes) {
    NM_ASSIGN(const block::BlockLine found, reader_->line(line));
    if (begin > found.text.size() || (bytes != kRest && bytes > found.text.size() - begin))
        return Error{Code::corruption, "cannot read a block: a cell's part of a line is not in it"};
    text_.append(found.text.substr(begin, bytes == kRest ? std::string_view::npos : bytes));
    return {};
}

Result<std::string_view> CellBlock::value(std::size_t place) {
    const SealedCell& cell = extras_.cells[place];
    if (cell.form == SealedCell::kRaw) return std::string_view(cell.raw);
    text_.clear();
    const std::uint64_t part = cell.half && cell.part != 0 ? cell.part - 1 : kRest;
    if (cell.continues)
        NM_TRY(append_piece(cell.continued_line, cell.continued_at, cell.lines == 0 ? part : kRest));
    for (std::uint32_t i = 0; i < cell.lines; ++i) {
        if (i > 0 || cell.continues) text_ += '\n';
        NM_TRY(append_piece(cell.first_line + i, 0, i + 1 == cell.lines ? part : kRest));
    }
    if (extras_.in_lines && !cell.no_text && !cell.half) text_ += '\n';
    extras_.forms[cell.form].render(text_, cell.time_ms, cell.numbers, value_);
    return std::string_view(value_);
}

CellsInBlocks::CellsInBlocks(const Core& core, std::vector<BlockInfo> blocks, const BlockRange& range,
                             SnapshotPtr snapshot)
    : core_(core),
      range_(range),
      ascending_(range.order == Order::ascending),
      snapshot_(std::move(snapshot)),
      now_ms_(core.clock.now_ms()),
      waiting_(std::move(blocks)) {
    std::erase_if(waiting_, [&](const BlockInfo& block) {
        return block.cells == 0 || block.last_cell_ms < range_.first_ms ||
               block.first_cell_ms > range_.last_ms || block.all_expired(now_ms_);
    });
    std::sort(waiting_.begin(), waiting_.end(), [&](const BlockInfo& a, const BlockInfo& b) {
        return ascending_ ? b.first_cell_ms < a.first_cell_ms : a.first_cell_ms < b.first_cell_ms;
    });
}

Result<bool> CellsInBlocks::next() {
    for (;;) {
        if (block_ == nullptr) {
            if (waiting_.empty()) return false;
            NM_ASSIGN(block_, CellBlock::open(core_, waiting_.back(), snapshot_));
            waiting_.pop_back();
            const auto& cells = block_->cells();
            const auto first = std::partition_point(cells.begin(), cells.end(), [&](const SealedCell& cell) {
                return ascending_ ? cell.time_ms < range_.first_ms : cell.time_ms <= range_.last_ms;
            });
            next_ = static_cast<std::size_t>(first - cells.begin());
        }
        while (ascending_ ? next_ < block_->cells().size() : next_ > 0) {
            at_ = ascending_ ? next_++ : --next_;
            const SealedCell& found = cell();
            if (ascending_ ? found.time_ms > range_.last_ms : found.time_ms < range_.first_ms) break;
            if (found.expires_at_ms == 0 || found.expires_at_ms > now_ms_) return true;
        }
        block_.reset();
    }
}

}  // namespace nmstore
