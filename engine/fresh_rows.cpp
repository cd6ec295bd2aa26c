#include "engine/fresh_rows.h"

#include <algorithm>

namespace nmstore {
namespace {

// Without overflow, for clocks that stand anywhere.
std::int64_t later(std::int64_t time_ms, std::int64_t by_ms) {
    return time_ms > INT64_MAX - by_ms ? INT64_MAX : time_ms + by_ms;
}

}  // namespace

std::int64_t FreshRows::due_ms(const Row& row) const {
    const Fresh& fresh = row.fresh;
    if (due_to_bytes(row) || fresh.blocks >= kMaxBlocks) return row.not_before_ms;
    if (fresh.entries == 0) return later(fresh.last_ms, options_.settle_ms);
    std::int64_t due = later(fresh.first_ms, options_.oldest_ms);
    if (fresh.bytes >= options_.old_bytes) due = std::min(due, later(fresh.first_ms, options_.old_ms));
    if (fresh.bytes >= options_.idle_bytes) due = std::min(due, later(fresh.last_ms, options_.idle_ms));
    return std::max(due, row.not_before_ms);
}

void FreshRows::queue(RowId id, Row& row) {
    const std::int64_t due = due_ms(row);
    if (row.queued) {
        if (due >= row.queued_ms) return;
        queue_.erase({row.queued_ms, id});
    }
    row.queued = true;
    row.queued_ms = due;
    queue_.emplace(due, id);
}

void FreshRows::order_first() {
    while (!queue_.empty()) {
        const auto [queued_ms, id] = *queue_.begin();
        Row& row = rows_.at(id);
        const std::int64_t due = due_ms(row);
        if (due <= queued_ms) return;
        queue_.erase(queue_.begin());
        row.queued_ms = due;
        queue_.emplace(due, id);
    }
}

void FreshRows::note(const std::vector<Written>& written, std::int64_t now_ms) {
    std::int64_t due = INT64_MAX;
    {
        const std::lock_guard guard(mutex_);
        for (const Written& more : written) {
            if (rows_.size() >= kMaxRows && !rows_.contains(more.row)) {
                overflowed_ = true;
                continue;
            }
            Row& row = rows_[more.row];
            if (row.fresh.entries == 0 && more.entries != 0) {
                row.fresh.first_ms = now_ms;
                ++sums_.rows;
            }
            row.fresh.last_ms = now_ms;
            row.fresh.blocks += more.blocks;
            row.fresh.bytes += more.bytes;
            row.fresh.entries += more.entries;
            sums_.bytes += more.bytes;
            sums_.entries += more.entries;
            queue(more.row, row);
            due = std::min(due, row.queued_ms);
        }
    }
    last_written_ms_.store(now_ms, std::memory_order_relaxed);
    const std::int64_t waiting_until = waiting_until_ms_.load();
    if (waiting_until == INT64_MIN || (due >= waiting_until && now_ms < waiting_until)) return;
    waiting_until_ms_ = INT64_MIN;  // once is enough
    if (wake_) wake_();
}

FreshRows::Fresh FreshRows::left_of(const Fresh& fresh, std::uint64_t sealed_bytes,
                                    std::uint64_t sealed_entries) {
    Fresh left = fresh;
    left.bytes -= std::min(left.bytes, sealed_bytes);
    left.entries -= std::min(left.entries, sealed_entries);
    if (fresh.entries == 0) left.first_ms = left.last_ms;  // it had small blocks only
    left.entries = std::max<std::uint64_t>(left.entries, 1);
    return left;
}

void FreshRows::put_back(RowId id, const Fresh& fresh, std::int64_t not_before_ms) {
    if (fresh.entries == 0) return;
    const std::lock_guard guard(mutex_);
    Row& row = rows_[id];  // one more than the limit, for a moment
    if (row.fresh.entries == 0) {
        ++sums_.rows;
        row.fresh.last_ms = fresh.last_ms;
    }
    row.fresh.first_ms = fresh.first_ms;
    row.fresh.blocks += fresh.blocks;
    row.fresh.bytes += fresh.bytes;
    row.fresh.entries += fresh.entries;
    row.not_before_ms = not_before_ms;
    sums_.bytes += fresh.bytes;
    sums_.entries += fresh.entries;
    queue(id, row);
}

void FreshRows::note_sealed(RowId id, std::int64_t last_written_ms) {
    const std::lock_guard guard(mutex_);
    if (rows_.size() >= kMaxRows && !rows_.contains(id)) {
        overflowed_ = true;
        return;
    }
    Row& row = rows_[id];
    if (row.fresh.entries == 0) row.fresh.last_ms = last_written_ms;
    queue(id, row);
}

void FreshRows::note_found(RowId id, std::uint64_t bytes, std::uint64_t entries, std::int64_t now_ms) {
    const std::lock_guard guard(mutex_);
    Row& row = rows_[id];
    Fresh& fresh = row.fresh;
    if (fresh.entries == 0) {
        fresh.first_ms = fresh.last_ms = now_ms;
        ++sums_.rows;
    }
    // What writers have noted is among it, or as good as all of it.
    sums_.bytes += std::max(bytes, fresh.bytes) - fresh.bytes;
    sums_.entries += std::max(entries, fresh.entries) - fresh.entries;
    fresh.bytes = std::max(bytes, fresh.bytes);
    fresh.entries = std::max(entries, fresh.entries);
    queue(id, row);
}

bool FreshRows::has_room() const {
    const std::lock_guard guard(mutex_);
    return rows_.size() < kMaxRows / 2;
}

std::vector<FreshRows::Taken> FreshRows::take(std::int64_t now_ms, std::size_t most, bool everything) {
    std::vector<Taken> out;
    const std::lock_guard guard(mutex_);
    while (out.size() < most) {
        if (!everything) order_first();
        if (queue_.empty() || (!everything && queue_.begin()->first > now_ms)) break;
        const RowId id = queue_.begin()->second;
        queue_.erase(queue_.begin());
        const auto row = rows_.find(id);
        const Fresh& fresh = row->second.fresh;
        const bool settle = fresh.entries == 0 && fresh.blocks < kMaxBlocks;
        out.push_back({id, fresh, everything || !due_to_bytes(row->second), settle});
        sums_.rows -= fresh.entries == 0 ? 0 : 1;
        sums_.bytes -= fresh.bytes;
        sums_.entries -= fresh.entries;
        rows_.erase(row);
    }
    return out;
}

std::vector<RowId> FreshRows::sealed() const {
    std::vector<RowId> out;
    const std::lock_guard guard(mutex_);
    for (const auto& [id, row] : rows_) {
        if (row.fresh.entries == 0) out.push_back(id);
    }
    return out;
}

std::int64_t FreshRows::next_due_ms() {
    const std::lock_guard guard(mutex_);
    order_first();
    return queue_.empty() ? INT64_MAX : queue_.begin()->first;
}

FreshRows::Sums FreshRows::sums() const {
    const std::lock_guard guard(mutex_);
    return sums_;
}

}  // namespace nmstore
