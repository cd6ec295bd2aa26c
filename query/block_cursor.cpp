#include "query/block_cursor.h"

namespace nmstore::query {

Result<std::unique_ptr<BlockCursor>> BlockCursor::open(std::shared_ptr<block::BlockReader> block,
                                                       const LogRow& row, const LineRange& range,
                                                       FilterForms filter) {
    if (filter.plan != nullptr) {
        NM_ASSIGN(const bool may_match, filter.plan->may_match(*block, row));
        if (!may_match) return std::unique_ptr<BlockCursor>();
    }
    NM_TRY(block->read_directory());
    std::vector<BlockLines::OfTemplate> all(block->templates().size(), {RankSet::all(), RankSet::none()});
    BlockLines lines(std::move(all));
    if (filter.plan != nullptr) {
        NM_ASSIGN(lines, filter.plan->lines(*block, row));
    }
    return std::unique_ptr<BlockCursor>(
        new BlockCursor(std::move(block), row, range, filter, std::move(lines)));
}

Result<void> BlockCursor::begin() {
    if (ids_ != nullptr) return {};
    NM_ASSIGN(numbers_, block_->numbers());
    NM_ASSIGN(ranks_, block_->ranks());
    NM_ASSIGN(ids_, block_->ids());
    return {};
}

void BlockCursor::rest() {
    ids_ = nullptr;
    numbers_ = nullptr;
    ranks_ = nullptr;
    line_ = {};
    block_->let_go();
}

bool BlockCursor::in_range(const block::LineKey& key) const {
    if (key.time_ms < range_.from_ms || key.time_ms >= range_.to_ms) return false;
    if (!range_.after) return true;
    const LineId id{key.time_ms, row_.id, key.sequence, key.line};
    return range_.order == Order::ascending ? *range_.after < id : id < *range_.after;
}

// The next line that may match.
std::optional<std::size_t> BlockCursor::next_place() {
    while (passed_ < ids_->size()) {
        const std::size_t at = range_.order == Order::ascending ? passed_ : ids_->size() - 1 - passed_;
        ++passed_;
        const BlockLines::OfTemplate& lines = lines_[(*numbers_)[at]];
        const std::size_t rank = (*ranks_)[at];
        if ((lines.matching.has(rank) || lines.open.has(rank)) && in_range((*ids_)[at])) return at;
    }
    return std::nullopt;
}

Result<bool> BlockCursor::next() {
    if (lines_.none()) return false;
    NM_TRY(begin());
    while (const auto at = next_place()) {
        NM_ASSIGN(line_, block_line(*block_, row_, *at));
        const bool known = lines_[(*numbers_)[*at]].matching.has((*ranks_)[*at]);
        if (known || filter_.matcher->matches(line_)) return true;
    }
    return false;
}

Result<void> BlockCursor::decide() {
    if (lines_.decided()) return {};
    return filter_.plan->decide(*block_, row_, *filter_.matcher, lines_);
}

Result<BlockLines> BlockCursor::lines_in_range() {
    NM_TRY(decide());
    const auto& templates = block_->templates();
    NM_ASSIGN(const auto* times, block_->times());
    const bool all = !range_.after && times->front() >= range_.from_ms && times->back() < range_.to_ms;
    if (all || lines_.none()) return lines_;
    std::vector<BlockLines::OfTemplate> cut;
    for (const auto& made : templates) cut.push_back({RankSet::of_size(made.lines), RankSet::none()});
    NM_TRY(for_each_place(
        [&](std::int64_t, std::size_t number, std::size_t rank) { cut[number].matching.add(rank); }));
    for (std::size_t i = 0; i < cut.size(); ++i) cut[i].matching.settle(templates[i].lines);
    return BlockLines(std::move(cut));
}

}  // namespace nmstore::query
