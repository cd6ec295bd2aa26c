#include "query/row_merge.h"

#include <algorithm>
#include <utility>

#include "query/line_id.h"

namespace nmstore::query {

std::optional<LineId> place_before(const LogRow& row, const LineRange& range) {
    const bool ascending = range.order == Order::ascending;
    const LineId place =
        ascending ? previous_line_id(first_line_id(std::max(row.min_time_ms, range.from_ms), row.id))
                  : next_line_id(last_line_id(std::min(row.max_time_ms, range.to_ms), row.id));
    if (!range.after) return place;
    const LineId last =
        ascending ? last_line_id(row.max_time_ms, row.id) : first_line_id(row.min_time_ms, row.id);
    if (ascending ? last <= *range.after : *range.after <= last) return std::nullopt;
    return ascending ? std::max(place, *range.after) : std::min(place, *range.after);
}

RowMerge::RowMerge(const Store& store, std::vector<LogRow> rows, const LineRange& range, SnapshotPtr snapshot,
                   FilterForms filter, Execution& execution, BlockTaker* taker)
    : store_(store),
      rows_(std::move(rows)),
      range_(range),
      snapshot_(std::move(snapshot)),
      filter_(filter),
      execution_(execution),
      taker_(taker) {
    heap_.reserve(rows_.size());
    for (const LogRow& row : rows_) {
        const std::optional<LineId> place = place_before(row, range_);
        if (!place) continue;
        push({*place, sources_.size()});
        sources_.emplace_back().row = &row;
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

void RowMerge::hold(std::size_t bytes) {
    held_ += bytes;
    if (held_ <= most_held_) return;
    if (!execution_.hold(held_ - most_held_)) stopping_ = true;
    most_held_ = held_;
}

std::size_t RowMerge::left() const {
    return execution_.left() + (most_held_ - std::min(most_held_, held_));
}

void RowMerge::close(Source& source) {
    source.cursor.reset();
    held_ -= source.held;
}

LineId RowMerge::before_line(const LineId& id) const {
    return range_.order == Order::ascending ? previous_line_id(id) : next_line_id(id);
}

LineRange RowMerge::rest_of(const Source& source) const {
    LineRange range = range_;
    if (source.resume) range.after = source.resume;
    return range;
}

// Lets go all that is held of a source, lines that have been read ahead as well; it goes on behind the place.
void RowMerge::close_at(std::size_t index, const LineId& place) {
    Source& source = sources_[index];
    for (; source.has_line(); ++source.used) held_ -= memory_of(source.line());
    std::vector<Read>().swap(source.ahead);
    source.used = 0;
    if (source.cursor != nullptr) close(source);
    source.resume = place;
    push({place, index});
}

bool RowMerge::may_go_on() {
    const std::uint64_t scanned = execution_.stats.lines_scanned;
    if (scanned >= next_check_) {
        if (!execution_.go_on()) stopping_ = true;
        next_check_ = std::min(scanned + kLinesPerCheck, std::max(execution_.limits().lines, scanned + 1));
    }
    return !stopping_;
}

Result<LineId> RowMerge::read_chunk(Source& source, LineId last) {
    std::size_t bytes = 0;
    source.ahead.clear();
    source.used = 0;
    const std::size_t to_read = is_scarce() ? kMaxLinesAhead : source.chunk;
    const bool is_little = left() < execution_.limits().memory_bytes / (2 * kCloseShare);
    const std::size_t to_keep = is_little ? 1 : source.chunk;
    for (std::size_t i = 0; i < to_read && source.ahead.size() < to_keep; ++i) {
        if (bytes >= kMaxBytesAhead || stopping_) break;
        const auto next = source.cursor->next();
        if (!next.ok() && source.block && is_over_memory(next.error())) {
            stop_for_memory();
            break;
        }
        NM_ASSIGN(const bool found, next);
        if (!found) {
            close(source);
            (void)may_go_on();
            break;
        }
        const Line& line = source.cursor->line();
        last = line.id;
        bytes += line.text.size() + line.fields.size();
        if (!source.block) {
            ++execution_.stats.lines_scanned;
            execution_.stats.bytes_scanned += line.text.size();
        }
        if (source.block || filter_.matcher == nullptr || filter_.matcher->matches(line)) {
            source.ahead.push_back({line.id, std::string(line.text), std::string(line.fields)});
            hold(memory_of(source.ahead.back()));
        }
        (void)may_go_on();
    }
    if (source.block && source.cursor != nullptr) hold_open_block(source);
    source.chunk = std::min(source.chunk * 2, kMaxLinesAhead);
    return last;
}

Result<void> RowMerge::fetch(Waiting top) {
    pop();
    return sources_[top.source].run != nullptr ? fetch_run(top.source) : fetch_lines(top);
}

// Passes over blocks of which their filters tell that no line matches, until something else comes first.
Result<void> RowMerge::fetch_run(std::size_t index) {
    BlockRun& run = *sources_[index].run;
    for (std::size_t passed = 1; !run.empty(); ++passed) {
        const LineId key = run.key();
        if (passed % kBlocksPerCheck == 0 && !execution_.go_on()) stopping_ = true;
        if (stopping_ || (!heap_.empty() && before(heap_.front().key, key))) {
            push({key, index});
            return {};
        }
        come_to(key);
        NM_ASSIGN(auto reader, open_candidate(run));
        if (reader != nullptr || run.next().has_gaps) {
            const Waiting taken = take_block(run);
            sources_[taken.source].reader = std::move(reader);
            if (!run.empty()) push({run.key(), index});
            return fetch_lines(taken);
        }
        run.pass();
    }
    return {};
}

Result<void> RowMerge::fetch_lines(Waiting top) {
    Source& source = sources_[top.source];
    if (source.cursor == nullptr) {
        NM_ASSIGN(const bool opened, open(source));
        if (!opened) {
            push(top);
            return {};
        }
    }
    come_to(top.key);
    if (source.cursor == nullptr) return {};  // a block that has been taken
    NM_ASSIGN(const LineId last, read_chunk(source, top.key));
    if (source.has_line()) {
        // What comes next of all is kept. What only may is known by its place.
        const LineId place = before_line(source.line().id);
        if (place != top.key && is_scarce() && !stopping_) {
            source.chunk = 1;
            close_at(top.source, place);
        } else {
            push({source.line().id, top.source});
        }
    } else if (source.cursor != nullptr) {
        go_on_behind(last, top.source);
    }
    return {};
}

// What follows in an open source is not known yet.
void RowMerge::go_on_behind(const LineId& place, std::size_t index) {
    if (is_scarce() && !stopping_) {
        close_at(index, place);
    } else {
        push({place, index});
    }
}

// Never back: a block may begin before the range does, and then is no line of it in between.
void RowMerge::come_to(const LineId& key) {
    if (!place_ || before(*place_, key)) place_ = key;
    if (!first_place_) first_place_ = place_;
}

// Nothing that has not been looked at is before the first that waits.
void RowMerge::pass_over_all_before(const LineId& key) {
    const LineId passed = before_line(key);
    if (place_ && before(*place_, passed)) place_ = passed;
}

void RowMerge::drop_given() {
    if (!given_) return;
    const std::size_t index = *given_;
    given_.reset();
    Source& source = sources_[index];
    const LineId given = source.line().id;
    held_ -= memory_of(source.line());
    ++source.used;
    if (!source.has_line()) {
        if (source.cursor != nullptr) go_on_behind(given, index);
        return;
    }
    const Waiting next{source.line().id, index};
    if (heap_.empty() || before(next.key, heap_.front().key)) {
        ready_ = next;
    } else {
        push(next);
    }
}

Result<bool> RowMerge::settle() {
    if (execution_.cancelled()) stopped_ = true;
    if (stopped_) return false;
    drop_given();
    while (!ready_ && !heap_.empty()) {
        const Waiting top = heap_.front();
        if (is_at_end(top.key)) break;
        const Source& source = sources_[top.source];
        if (source.has_line()) {
            ready_ = pop();
            break;
        }
        // Opening rows that turn out to be empty is work too.
        const bool opens = source.cursor == nullptr && execution_.stats.rows_opened > 0;
        if (opens && !execution_.go_on()) stopping_ = true;
        if (stopping_) {
            pass_over_all_before(top.key);
            stopped_ = true;
            return false;
        }
        NM_TRY(fetch(top));
    }
    if (end_ && (!ready_ || is_at_end(ready_->key))) {
        stop_for_memory();
        pass_over_all_before(*end_);
        stopped_ = true;
        return false;
    }
    return ready_.has_value();
}

Result<bool> RowMerge::next() {
    NM_ASSIGN(const bool found, settle());
    if (!found) return false;
    const Source& source = sources_[ready_->source];
    given_ = ready_->source;
    come_to(ready_->key);
    ready_.reset();
    const Read& read = source.line();
    line_ = {read.id, source.row, read.text, read.fields};
    return true;
}

Result<bool> RowMerge::more() {
    return settle();
}

}  // namespace nmstore::query
