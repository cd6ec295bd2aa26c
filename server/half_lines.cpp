#include "server/half_lines.h"

#include <algorithm>

namespace nmstore::server {

bool HalfLines::add(const LineId& piece, std::int64_t time_ms) {
    const auto known = by_row_.find(piece.row);
    Half half{piece, piece, time_ms};
    bool had = false;
    if (known != by_row_.end()) {
        const Half& before = known->second.half;
        had = has(piece);
        half.first = std::min(before.first, piece);
        half.last = std::max(before.last, piece);
    }
    add(half);
    return had;
}

void HalfLines::add(const Half& half) {
    if (const auto known = by_row_.find(half.last.row); known != by_row_.end()) forget(known);
    while (!in_order_.empty()) {
        const auto oldest = by_row_.find(in_order_.begin()->second);
        if (by_row_.size() < kMost && oldest->second.half.time_ms > half.time_ms - kKeptMs) break;
        forget(oldest);
    }
    by_row_[half.last.row] = {half, ++last_order_};
    in_order_[last_order_] = half.last.row;
}

bool HalfLines::has(const LineId& piece) const {
    const auto known = by_row_.find(piece.row);
    return known != by_row_.end() && (known->second.half.first == piece || known->second.half.last == piece);
}

bool HalfLines::end(const LineId& line, std::int64_t ends_in_ms) {
    const auto known = by_row_.find(line.row);
    if (known == by_row_.end()) return false;
    // The newline is behind the first piece of that cell; what follows there is of other lines.
    const LineId end = ends_in_ms == INT64_MIN ? line : LineId{ends_in_ms, line.row, 0, 0};
    Half& half = known->second.half;
    const auto is_piece = [&](const LineId& id) { return line <= id && id <= end; };
    const bool had = is_piece(half.first) || is_piece(half.last);
    if (half.last <= end) {
        forget(known);
    } else if (half.first <= end) {
        half.first = half.last;
    }
    return had;
}

void HalfLines::set_back(std::int64_t time_ms) {
    for (auto& [row, kept] : by_row_) kept.half.time_ms = std::min(kept.half.time_ms, time_ms);
}

std::vector<HalfLines::Half> HalfLines::all() const {
    std::vector<Half> all;
    for (const auto& [order, row] : in_order_) all.push_back(by_row_.at(row).half);
    return all;
}

void HalfLines::forget(ByRow::iterator at) {
    in_order_.erase(at->second.order);
    by_row_.erase(at);
}

}  // namespace nmstore::server
