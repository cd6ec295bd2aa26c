#include "query/changed_lines.h"

#include <algorithm>
#include <utility>

namespace nmstore::query {
namespace {

using EachLine = std::function<void(const Line&)>;

bool has_sequence(const std::vector<SequenceRange>& ranges, std::uint64_t sequence) {
    const auto range = std::upper_bound(ranges.begin(), ranges.end(), sequence,
                                        [](std::uint64_t s, const SequenceRange& r) { return s < r.end; });
    return range != ranges.end() && sequence >= range->first;
}

// Of lines in rising order.
template <class Is>
Result<void> each_in_window(LineCursor& lines, const LineWindow& window, const Is& is, const EachLine& each) {
    for (;;) {
        NM_ASSIGN(const bool found, lines.next());
        if (!found) return {};
        const LineId& id = lines.line().id;
        if (!is(id) || (window.after && id <= *window.after)) continue;
        if (window.wants && !window.wants(id)) return {};
        each(lines.line());
    }
}

LineRange rising(const LineWindow& window) {
    LineRange range;
    range.order = Order::ascending;
    range.after = window.after;
    return range;
}

Result<void> each_appended(const Store& store, const Change& change, const ChangedRow& changed,
                           const LogRow& row, const LineWindow& window, const SnapshotPtr& snapshot,
                           const EachLine& each) {
    if (changed.lines == 0) return {};
    NM_ASSIGN(const auto blocks, blocks_of_change(store, changed, row, snapshot));
    LineRange range = rising(window);
    if (!blocks) {
        range.from_ms = changed.first_ms;
        if (changed.last_ms != INT64_MAX) range.to_ms = changed.last_ms + 1;
        NM_ASSIGN(const auto lines, store.lines(row, range, snapshot));
        return each_in_window(
            *lines, window,
            [&](const LineId& id) { return id.sequence != 0 && has_sequence(change.sequences, id.sequence); },
            each);
    }
    for (const BlockInfo& block : *blocks) {
        if (window.after && block.last <= *window.after) continue;
        if (window.wants && !window.wants(block.first)) return {};
        NM_ASSIGN(const auto lines, store.block_lines(row, block, range, snapshot));
        NM_TRY(each_in_window(
            *lines, window, [](const LineId&) { return true; }, each));
    }
    return {};
}

Result<void> each_of_cells(const Store& store, const Change& change, ChangedRow changed, const LogRow& row,
                           const LineWindow& window, const SnapshotPtr& snapshot, const EachLine& each) {
    changed.lines = 0;
    changed.blocks.clear();
    std::vector<std::int64_t>& times_ms = changed.cells_ms;
    if (window.after) {
        // From the last one before the place on, as lines that begin behind it may go on into later cells.
        auto first = std::upper_bound(times_ms.begin(), times_ms.end(), window.after->time_ms);
        if (first != times_ms.begin()) --first;
        times_ms.erase(times_ms.begin(), first);
    }
    if (times_ms.empty()) return {};
    NM_ASSIGN(const auto lines, store.changed_lines(change, changed, row, snapshot));
    return each_in_window(
        *lines, window, [](const LineId&) { return true; }, each);
}

}  // namespace

Result<std::optional<std::vector<BlockInfo>>> blocks_of_change(const Store& store, const ChangedRow& changed,
                                                               const LogRow& row,
                                                               const SnapshotPtr& snapshot) {
    std::optional<std::vector<BlockInfo>> none;
    if (changed.blocks.empty()) return none;
    NM_ASSIGN(std::vector<BlockInfo> blocks, store.blocks(row, snapshot));
    std::erase_if(blocks, [&](const BlockInfo& block) {
        return std::find(changed.blocks.begin(), changed.blocks.end(), block.number) == changed.blocks.end();
    });
    std::uint64_t lines = 0;
    for (const BlockInfo& block : blocks) lines += block.lines;
    if (lines != changed.lines) return none;
    return std::optional(std::move(blocks));
}

Result<void> each_changed_line(const Store& store, const Change& change, const ChangedRow& changed,
                               const LogRow& row, const LineWindow& window, const EachLine& each) {
    const SnapshotPtr snapshot = store.snapshot();
    NM_TRY(each_appended(store, change, changed, row, window, snapshot, each));
    return each_of_cells(store, change, changed, row, window, snapshot, each);
}

}  // namespace nmstore::query
