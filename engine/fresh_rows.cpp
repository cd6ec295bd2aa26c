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
            due = std::min(due, due_ms(row));
        }
    }
    last_written_ms_.store(now_ms, std::memory_order_relaxed);
    if (due < waiting_until_ms_.load() && wake_) {
        waiting_until_ms_ = INT64_MIN;  // once is enough
        wake_();
    }
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
    row.fresh.bytes += fresh.bytes;
    row.fresh.entries += fresh.entries;
    row.not_before_ms = not_before_ms;
    sums_.bytes += fresh.bytes;
    sums_.entries += fresh.entries;
}

void FreshRows::note_sealed(RowId id, std::int64_t last_written_ms) {
    const std::lock_guard guard(mutex_);
    if (rows_.size() >= kMaxRows) return;  // its blocks stay as they are until it is written again
    Row& row = rows_[id];
    if (row.fresh.entries == 0) row.fresh.last_ms = last_written_ms;
}

std::vector<FreshRows::Taken> FreshRows::take(std::int64_t now_ms, std::size_t most, bool everything) {
    std::vector<Taken> out;
    const std::lock_guard guard(mutex_);
    for (auto it = rows_.begin(); it != rows_.end() && out.size() < most;) {
        const Fresh& fresh = it->second.fresh;
        const bool due = everything || due_ms(it->second) <= now_ms;
        if (!due) {
            ++it;
            continue;
        }
        const bool settle = fresh.entries == 0 && fresh.blocks < kMaxBlocks;
        out.push_back({it->first, fresh, everything || !due_to_bytes(it->second), settle});
        sums_.rows -= fresh.entries == 0 ? 0 : 1;
        sums_.bytes -= fresh.bytes;
        sums_.entries -= fresh.entries;
        it = rows_.erase(it);
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

std::int64_t FreshRows::next_due_ms() const {
    std::int64_t due = INT64_MAX;
    const std::lock_guard guard(mutex_);
    for (const auto& [id, row] : rows_) due = std::min(due, due_ms(row));
    return due;
}

FreshRows::Sums FreshRows::sums() const {
    const std::lock_guard guard(mutex_);
    return sums_;
}

}  // namespace nmstore
