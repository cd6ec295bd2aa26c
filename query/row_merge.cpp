#include "query/row_merge.h"

#include <algorithm>

#include "query/line_id.h"

namespace nmstore::query {

RowMerge::RowMerge(const Store& store, std::vector<LogRow> rows, const LineRange& range, SnapshotPtr snapshot,
                   Execution& execution)
    : store_(store),
      rows_(std::move(rows)),
      range_(range),
      snapshot_(std::move(snapshot)),
      execution_(execution),
      cursors_(rows_.size()) {
    const bool ascending = range_.order == Order::ascending;
    heap_.reserve(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const LogRow& row = rows_[i];
        LineId first = ascending ? first_line_id(std::max(row.min_time_ms, range_.from_ms), row.id)
                                 : last_line_id(std::min(row.max_time_ms, range_.to_ms), row.id);
        const LineId last =
            ascending ? last_line_id(row.max_time_ms, row.id) : first_line_id(row.min_time_ms, row.id);
        if (range_.after) {
            if (!before(*range_.after, last)) continue;
            if (before(first, *range_.after)) first = *range_.after;
        }
        push({first, i});
    }
    next_check_ = std::min(kLinesPerCheck, execution_.limits().lines);
}

void RowMerge::push(Waiting waiting) {
    heap_.push_back(waiting);
    std::push_heap(heap_.begin(), heap_.end(),
                   [this](const Waiting& a, const Waiting& b) { return before(b.key, a.key); });
}

RowMerge::Waiting RowMerge::pop() {
    std::pop_heap(heap_.begin(), heap_.end(),
                  [this](const Waiting& a, const Waiting& b) { return before(b.key, a.key); });
    const Waiting top = heap_.back();
    heap_.pop_back();
    return top;
}

bool RowMerge::may_go_on() {
    if (!execution_.go_on()) stopped_ = true;
    return !stopped_;
}

Result<bool> RowMerge::open(std::size_t row) {
    ++execution_.stats.rows_opened;
    if (++open_ > most_open_) {
        most_open_ = open_;
        if (!execution_.hold(kOpenRowBytes)) {
            stopped_ = true;
            return false;
        }
    }
    NM_ASSIGN(cursors_[row], store_.lines(rows_[row], range_, snapshot_));
    return true;
}

Result<bool> RowMerge::read(std::size_t row) {
    NM_ASSIGN(const bool found, cursors_[row]->next());
    if (!found) {
        cursors_[row].reset();
        --open_;
    }
    return found;
}

Result<bool> RowMerge::settle() {
    if (stopped_) return false;
    if (ready_) return true;
    if (current_) {
        const std::size_t row = *current_;
        current_.reset();
        NM_ASSIGN(const bool found, read(row));
        if (found) {
            const Waiting next{cursors_[row]->line().id, row};
            if (heap_.empty() || before(next.key, heap_.front().key)) {
                ready_ = next;
                return true;
            }
            push(next);
        }
    }
    while (!heap_.empty()) {
        const Waiting top = heap_.front();
        if (cursors_[top.row] != nullptr) {
            ready_ = pop();
            return true;
        }
        // Opening rows that turn out to be empty is work too.
        if (execution_.stats.rows_opened > 0 && !may_go_on()) return false;
        NM_ASSIGN(const bool opened, open(top.row));
        if (!opened) return false;
        pop();
        place_ = top.key;
        NM_ASSIGN(const bool found, read(top.row));
        if (found) push({cursors_[top.row]->line().id, top.row});
    }
    return false;
}

Result<bool> RowMerge::next() {
    if (execution_.stats.lines_scanned >= next_check_) {
        if (!may_go_on()) return false;
        next_check_ = std::min(execution_.stats.lines_scanned + kLinesPerCheck,
                               std::max(execution_.limits().lines, execution_.stats.lines_scanned + 1));
    }
    NM_ASSIGN(const bool found, settle());
    if (!found) return false;
    current_ = ready_->row;
    place_ = ready_->key;
    ready_.reset();
    ++execution_.stats.lines_scanned;
    execution_.stats.bytes_scanned += line().text.size();
    return true;
}

const Line& RowMerge::line() const {
    return cursors_[*current_]->line();
}

Result<bool> RowMerge::more() {
    return settle();
}

}  // namespace nmstore::query
