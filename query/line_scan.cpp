#include "query/line_scan.h"

#include <algorithm>

#include "query/stop.h"

namespace nmstore::query {

namespace {

constexpr std::size_t kRowsPerCheck = 256;

std::size_t memory_of(const LogRow& row) {
    return sizeof(LogRow) + row.family.size() + row.key.size() + row.client.size() + row.log.size();
}

// Whether clients' tags matter to it.
bool asks_for_clients(const Filter& filter) {
    if (filter.kind == FilterKind::source) return filter.source == Source::client;
    return std::any_of(filter.children.begin(), filter.children.end(),
                       [](const FilterPtr& child) { return asks_for_clients(*child); });
}

}  // namespace

Result<std::vector<LogRow>> candidate_rows(const Store& store, RowSelection selection, const Matcher* matcher,
                                           const SnapshotPtr& snapshot, Execution& execution) {
    std::size_t seen = 0;
    bool stopped = false;
    const auto accept = std::move(selection.accept);
    selection.accept = [&](const LogRow& row) {
        if (stopped) return false;
        if (++seen % kRowsPerCheck == 0 && !execution.go_on()) stopped = true;
        if (stopped || (accept && !accept(row)) || (matcher != nullptr && !matcher->may_match(row)))
            return false;
        if (!execution.hold(memory_of(row))) stopped = true;
        return !stopped;
    };
    NM_ASSIGN(std::vector<LogRow> rows, store.log_rows(selection, snapshot));
    if (stopped) return stop_error(execution);
    return rows;
}

Result<std::unique_ptr<LineScan>> LineScan::open(const Store& store, const Scope& scope, Order order,
                                                 std::optional<LineId> after, Execution& execution,
                                                 BlockTaker* taker) {
    std::unique_ptr<LineScan> scan(new LineScan(execution));
    if (scope.filter != nullptr && scope.filter->kind != FilterKind::all) {
        const ClientNames names = asks_for_clients(*scope.filter) ? client_names(store) : ClientNames();
        NM_ASSIGN(scan->matcher_, compile(*scope.filter, names));
        NM_ASSIGN(scan->plan_, BlockPlan::make(*scope.filter, names));
    }
    const SnapshotPtr snapshot = store.snapshot();
    RowSelection selection{scope.family, scope.from_ms, scope.to_ms, {}};
    if (!scope.row.empty()) {
        selection.key_prefix = scope.row;
        selection.accept = [&scope](const LogRow& row) { return row.key == scope.row; };
    }
    NM_ASSIGN(std::vector<LogRow> rows,
              candidate_rows(store, std::move(selection), scan->matcher_.get(), snapshot, execution));
    const LineRange range{scope.from_ms, scope.to_ms, order, after};
    scan->merge_ =
        std::make_unique<RowMerge>(store, std::move(rows), range, snapshot,
                                   FilterForms{scan->matcher_.get(), scan->plan_.get()}, execution, taker);
    return scan;
}

Result<bool> LineScan::next() {
    NM_ASSIGN(const bool found, merge_->next());
    if (found) ++execution_.stats.lines_matched;
    if (!found && execution_.cancelled()) return stop_error(execution_);
    return found;
}

}  // namespace nmstore::query
