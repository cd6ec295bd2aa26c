#include "query/series.h"

#include <algorithm>
#include <set>

#include "query/histogram_step.h"
#include "query/line_scan.h"
#include "query/series_last.h"
#include "query/series_rows.h"
#include "query/series_selection.h"
#include "query/stop.h"

namespace nmstore::query {
namespace {

// A round step for what the rows may hold of the time asked for.
std::int64_t fitting_step(const std::vector<LogRow>& rows, const SeriesRequest& request) {
    std::int64_t from = INT64_MAX, to = INT64_MIN;
    for (const LogRow& row : rows) {
        from = std::min(from, row.min_time_ms);
        to = std::max(to, row.max_time_ms);
    }
    if (request.from_ms != INT64_MIN) from = request.from_ms;
    if (request.to_ms != INT64_MAX) to = request.to_ms - 1;
    if (rows.empty() || from >= to) return round_step(0);
    std::int64_t span = 0;
    if (__builtin_sub_overflow(to, from, &span)) span = INT64_MAX;
    return round_step(span, kAboutSeriesPoints);
}

Result<SeriesResult> result_of(const SeriesByKey& found, std::int64_t step_ms, Execution& execution) {
    SeriesResult result;
    result.step_ms = step_ms;
    for (const auto& [key, totals] : found) {
        for (const auto& [name, field] : totals.fields()) {
            if (result.series.size() == kMaxSeriesInAnswer) {
                return Error{Code::invalid_argument, "there are more than " +
                                                         std::to_string(kMaxSeriesInAnswer) +
                                                         " such series: ask for fewer"};
            }
            NM_TRY(hold_memory(execution, sizeof(Series) + field.steps().size() * sizeof(SeriesPoint)));
            Series& series = result.series.emplace_back();
            series.client = key.first;
            series.plugin = key.second;
            series.field = name;
            series.points.reserve(field.steps().size());
            for (const auto& [start_ms, total] : field.steps())
                series.points.push_back({start_ms, total.min(), total.mean(), total.max(), total.count()});
        }
    }
    return result;
}

// Takes the names of the fields out of values, newest first.
Result<void> add_field_names(const Store& store, const LogRow& row, const LineRange& range,
                             const SnapshotPtr& snapshot, std::size_t& left, std::set<std::string>& names,
                             Execution& execution) {
    ++execution.stats.rows_opened;
    NM_ASSIGN(const auto cursor, store.lines(row, range, snapshot));
    ReadingFields scanner;
    const FieldChoice all({});
    for (; left > 0; --left) {
        NM_ASSIGN(const bool found, cursor->next());
        if (!found) break;
        const std::string_view text = cursor->line().text;
        ++execution.stats.lines_scanned;
        execution.stats.bytes_scanned += text.size();
        scanner.scan(text);
        for (const ReadingField& field : scanner.fields()) {
            if (!all.has(field.name) || !reading_of(field.number.of(text), field.quoted)) continue;
            if (names.emplace(field.name).second) NM_TRY(hold_memory(execution, 100 + field.name.size()));
        }
        NM_TRY(keep_going(execution));
    }
    return {};
}

}  // namespace

Result<SeriesResult> series(const Store& store, const SeriesRequest& request, Execution& execution) {
    NM_TRY(check_series_request(request));
    const SnapshotPtr snapshot = store.snapshot();
    NM_ASSIGN(const std::vector<LogRow> rows, series_rows(store, request, snapshot, execution));
    SeriesWork work{FieldChoice(request.fields)};
    work.from_ms = request.from_ms;
    work.to_ms = request.to_ms;
    work.step_ms = request.step_ms != 0 ? request.step_ms : fitting_step(rows, request);
    SeriesRows reading(store, snapshot, rows, work);
    NM_ASSIGN(const SeriesByKey found, reading.read(execution));
    NM_ASSIGN(SeriesResult result, result_of(found, work.step_ms, execution));
    if (request.last) NM_TRY(find_last_readings(store, rows, request, snapshot, result.series, execution));
    execution.finish();
    return result;
}

Result<std::vector<SeriesFields>> series_fields(const Store& store, const SeriesRequest& request,
                                                Execution& execution) {
    NM_TRY(check_series_request(request));
    const SnapshotPtr snapshot = store.snapshot();
    NM_ASSIGN(std::vector<LogRow> rows, series_rows(store, request, snapshot, execution));
    std::map<SeriesKey, std::vector<const LogRow*>> by_key;
    for (const LogRow& row : rows) by_key[{row.client, row.log}].push_back(&row);
    std::vector<SeriesFields> found;
    for (auto& [key, of_key] : by_key) {
        std::sort(of_key.begin(), of_key.end(),
                  [](const LogRow* a, const LogRow* b) { return a->max_time_ms > b->max_time_ms; });
        std::size_t left = kFieldReadings;
        std::set<std::string> names;
        const LineRange range{request.from_ms, request.to_ms, Order::descending, {}};
        for (const LogRow* row : of_key) {
            if (left == 0) break;
            NM_TRY(add_field_names(store, *row, range, snapshot, left, names, execution));
        }
        if (names.empty()) continue;
        if (found.size() == kMaxSeriesInAnswer)
            return Error{Code::invalid_argument, "there are more than " + std::to_string(kMaxSeriesInAnswer) +
                                                     " such plugins: ask for fewer"};
        found.push_back({key.first, key.second, {names.begin(), names.end()}});
    }
    execution.finish();
    return found;
}

}  // namespace nmstore::query
