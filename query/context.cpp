// The lines around one line: its row and the other days of the same log, as one sequence.
#include <algorithm>

#include "query/entry.h"
#include "query/line_id.h"
#include "query/line_scan.h"
#include "query/row_merge.h"
#include "query/search.h"
#include "query/stop.h"

namespace nmstore::query {

namespace {

// At most `count` lines strictly behind `place`, in `order`.
Result<std::vector<Entry>> lines_behind(const Store& store, std::vector<LogRow> rows, Order order,
                                        const LineId& place, std::size_t count, const SnapshotPtr& snapshot,
                                        Execution& execution) {
    std::vector<Entry> entries;
    if (count == 0) return entries;
    RowMerge merge(store, std::move(rows), {INT64_MIN, INT64_MAX, order, place}, snapshot, FilterForms(),
                   execution);
    while (entries.size() < count) {
        NM_ASSIGN(const bool found, merge.next());
        if (merge.stopped()) return stop_error(execution);
        if (!found) break;
        entries.push_back(make_entry(merge.line()));
        NM_TRY(hold_memory(execution, memory_of(entries.back())));
    }
    return entries;
}

}  // namespace

Result<std::vector<Entry>> context(const Store& store, const LineId& id, std::size_t before,
                                   std::size_t after, Execution& execution) {
    if (before > kMaxContextLines || after > kMaxContextLines)
        return Error{Code::invalid_argument, "at most " + std::to_string(kMaxContextLines) +
                                                 " lines before and after a line can be shown"};
    const Error gone{Code::not_found, "there is no such line (any more)"};
    const SnapshotPtr snapshot = store.snapshot();
    NM_ASSIGN(const std::optional<LogRow> home, store.log_row(id.row, snapshot));
    if (!home) return gone;
    RowSelection selection;
    selection.family = home->family;
    selection.accept = [&](const LogRow& row) {
        return row.kind == home->kind && row.client == home->client && row.log == home->log;
    };
    NM_ASSIGN(const std::vector<LogRow> rows,
              candidate_rows(store, std::move(selection), nullptr, snapshot, execution));

    NM_ASSIGN(std::vector<Entry> entries,
              lines_behind(store, rows, Order::descending, id, before, snapshot, execution));
    std::reverse(entries.begin(), entries.end());
    NM_ASSIGN(std::vector<Entry> rest, lines_behind(store, rows, Order::ascending, previous_line_id(id),
                                                    after + 1, snapshot, execution));
    if (rest.empty() || rest.front().id != id) return gone;
    entries.insert(entries.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
    execution.finish();
    return entries;
}

}  // namespace nmstore::query
