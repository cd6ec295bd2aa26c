#include "query/block_run.h"

#include <algorithm>

#include "query/line_id.h"

namespace nmstore::query {

BlockRun::BlockRun(const LogRow& row, std::vector<BlockInfo> blocks, const LineRange& range)
    : row_(row), range_(range), blocks_(std::move(blocks)) {
    const bool ascending = range.order == Order::ascending;
    std::erase_if(blocks_, [&](const BlockInfo& block) {
        if (block.last.time_ms < range.from_ms || block.first.time_ms >= range.to_ms) return true;
        if (!range.after) return false;
        return ascending ? block.last <= *range.after : *range.after <= block.first;
    });
    // They come in order of their first ids, and hardly ever overlap.
    if (ascending) return;
    std::reverse(blocks_.begin(), blocks_.end());
    const auto later = [](const BlockInfo& a, const BlockInfo& b) { return b.last < a.last; };
    if (!std::is_sorted(blocks_.begin(), blocks_.end(), later))
        std::stable_sort(blocks_.begin(), blocks_.end(), later);
}

LineId BlockRun::key() const {
    const bool ascending = range_.order == Order::ascending;
    const LineId key = ascending ? previous_line_id(next().first) : next_line_id(next().last);
    if (!range_.after) return key;
    return ascending ? std::max(key, *range_.after) : std::min(key, *range_.after);
}

}  // namespace nmstore::query
