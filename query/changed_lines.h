// The lines that came with a change, from a place on: for those who take a large change in steps.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::query {

// Which lines of a row are wanted.
struct LineWindow {
    std::optional<LineId> after;  // only those behind it
    // Asked again and again: false: neither this line, nor any behind it, is wanted any more. Null: all are.
    std::function<bool(const LineId&)> wants;

    bool has(const LineId& id) const { return (!after || *after < id) && (!wants || wants(id)); }
};

// The blocks that were made of a change's lines, in order of their first lines; nullopt: not all of its
// appended lines stand in such, or not any more.
Result<std::optional<std::vector<BlockInfo>>> blocks_of_change(const Store& store, const ChangedRow& changed,
                                                               const LogRow& row,
                                                               const SnapshotPtr& snapshot);

// Calls each(line) for the lines of Store::changed_lines that are in the window. What is before it is not
// read, nor, where lines come in order, what is behind it.
Result<void> each_changed_line(const Store& store, const Change& change, const ChangedRow& changed,
                               const LogRow& row, const LineWindow& window,
                               const std::function<void(const Line&)>& each);

}  // namespace nmstore::query
