#include "query/line_scan.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "query/stop.h"

namespace nmstore::query {

namespace {

constexpr std::size_t kRowsPerCheck = 256;
// Rows may take one part of so many of the query's memory, each with so much for what a merge keeps of it.
constexpr std::size_t kRowShare = 2;
constexpr std::size_t kMergedRowBytes = 512;

std::size_t memory_of(const LogRow& row) {
    return sizeof(LogRow) + row.family.size() + row.key.size() + row.client.size() + row.log.size();
}

// Whether clients' tags matter to it.
bool asks_for_clients(const Filter& filter) {
    if (filter.kind == FilterKind::source) return filter.source == Source::client;
    return std::any_of(filter.children.begin(), filter.children.end(),
                       [](const FilterPtr& child) { return asks_for_clients(*child); });
}

// The rows that a scan comes to first: as many as there is memory for. A search of years of many clients goes
// through more rows than fit into it; its pages come to the others one after the other.
class FirstRows {
  public:
    FirstRows(const LineRange& range, Execution& execution)
        : range_(range), execution_(execution), most_(execution.limits().memory_bytes / kRowShare) {}

    // false: not even one has room.
    bool add(const LogRow& row) {
        const std::optional<LineId> place = place_before(row, range_);
        if (!place || (end_ && !before(*place, *end_))) return true;
        rows_.push_back({*place, row});
        std::push_heap(rows_.begin(), rows_.end(), earlier_);
        bytes_ += bytes_of(row);
        while (bytes_ > most_ && rows_.size() > 1) {
            std::pop_heap(rows_.begin(), rows_.end(), earlier_);
            end_ = rows_.back().place;
            bytes_ -= bytes_of(rows_.back().row);
            rows_.pop_back();
        }
        if (bytes_ <= held_) return true;
        const std::size_t more = bytes_ - std::exchange(held_, bytes_);
        return execution_.hold(more);
    }
    // In order of id.
    std::vector<LogRow> take() {
        std::vector<LogRow> rows;
        rows.reserve(rows_.size());
        for (Placed& each : rows_) {
            // As many may begin at the same place.
            if (!end_ || before(each.place, *end_)) rows.push_back(std::move(each.row));
        }
        std::sort(rows.begin(), rows.end(), [](const LogRow& a, const LogRow& b) { return a.id < b.id; });
        return rows;
    }
    // Nothing at or behind it is of these rows alone; nullopt: all rows are here.
    const std::optional<LineId>& end() const { return end_; }

  private:
    struct Placed {
        LineId place;
        LogRow row;
    };
    static std::size_t bytes_of(const LogRow& row) { return memory_of(row) + kMergedRowBytes; }
    bool before(const LineId& a, const LineId& b) const {
        return range_.order == Order::ascending ? a < b : b < a;
    }

    const LineRange range_;
    Execution& execution_;
    const std::size_t most_;
    const std::function<bool(const Placed&, const Placed&)> earlier_ =
        [this](const Placed& a, const Placed& b) { return before(a.place, b.place); };
    std::vector<Placed> rows_;  // a heap, the last of them first
    std::optional<LineId> end_;
    std::size_t bytes_ = 0, held_ = 0;
};

// Hands over each row that a scope and a matcher leave over. `take` says false when there is no memory for
// more.
Result<void> look_through(const Store& store, RowSelection selection, const Matcher* matcher,
                          const SnapshotPtr& snapshot, Execution& execution,
                          const std::function<bool(const LogRow&)>& take) {
    std::size_t seen = 0;
    bool stopped = false;
    const auto accept = std::move(selection.accept);
    selection.accept = [&](const LogRow& row) {
        if (stopped) return false;
        if (++seen % kRowsPerCheck == 0 && !execution.go_on()) stopped = true;
        if (stopped || (accept && !accept(row)) || (matcher != nullptr && !matcher->may_match(row)))
            return false;
        stopped = !take(row);
        return false;
    };
    NM_TRY(store.log_rows(selection, snapshot));
    if (stopped) return stop_error(execution);
    return {};
}

}  // namespace

Result<std::vector<LogRow>> candidate_rows(const Store& store, RowSelection selection, const Matcher* matcher,
                                           const SnapshotPtr& snapshot, Execution& execution) {
    std::vector<LogRow> rows;
    NM_TRY(look_through(store, std::move(selection), matcher, snapshot, execution, [&](const LogRow& row) {
        rows.push_back(row);
        return execution.hold(memory_of(row));
    }));
    return rows;
}

Result<std::unique_ptr<LineScan>> LineScan::open(const Store& store, const Scope& scope, Order order,
                                                 std::optional<LineId> after, Execution& execution,
                                                 BlockTaker* taker) {
    std::unique_ptr<LineScan> scan(new LineScan(execution));
    if (scope.filter != nullptr && scope.filter->kind != FilterKind::all) {
        const ClientNames names = asks_for_clients(*scope.filter) ? client_names(store) : ClientNames();
        const IsGone gone = [&execution] {
            (void)execution.go_on();
            return execution.cancelled();
        };
        NM_ASSIGN(scan->matcher_, compile(*scope.filter, names, gone));
        NM_ASSIGN(scan->plan_, BlockPlan::make(*scope.filter, names, gone));
    }
    const SnapshotPtr snapshot = store.snapshot();
    RowSelection selection{scope.family, scope.from_ms, scope.to_ms, {}};
    if (!scope.row.empty()) {
        selection.key_prefix = scope.row;
        selection.accept = [&scope](const LogRow& row) { return row.key == scope.row; };
    }
    const LineRange range{scope.from_ms, scope.to_ms, order, after};
    FirstRows first(range, execution);
    NM_TRY(look_through(store, std::move(selection), scan->matcher_.get(), snapshot, execution,
                        [&first](const LogRow& row) { return first.add(row); }));
    scan->merge_ =
        std::make_unique<RowMerge>(store, first.take(), range, snapshot,
                                   FilterForms{scan->matcher_.get(), scan->plan_.get()}, execution, taker);
    if (first.end()) scan->merge_->end_at(*first.end());
    return scan;
}

Result<bool> LineScan::next() {
    NM_ASSIGN(const bool found, merge_->next());
    if (found) ++execution_.stats.lines_matched;
    if (!found && execution_.cancelled()) return stop_error(execution_);
    return found;
}

}  // namespace nmstore::query
