#include "tools/local_source.h"

#include "nmstore/clock.h"
#include "query/execution.h"
#include "query/parse.h"
#include "query/time_text.h"
#include "tools/interruption.h"
#include "tools/kept_journal.h"

namespace nmstore::tools {
namespace {

// Nobody else waits for this process: a query may run until it is done or interrupted.
query::Limits unhurried_limits() {
    query::Limits limits;
    limits.time = std::chrono::hours(24 * 365);
    limits.lines = UINT64_MAX;
    limits.memory_bytes = std::size_t{1} << 30;
    return limits;
}

// A query made ready to run: the scope points into it.
struct PreparedQuery {
    query::Query parsed;
    query::Scope scope;
};

Result<PreparedQuery> prepare(const LineQuery& line_query) {
    PreparedQuery prepared;
    const std::int64_t now = system_clock().now_ms();
    NM_ASSIGN(prepared.parsed, query::parse(line_query.text));
    prepared.scope.filter = prepared.parsed.filter.get();
    if (!line_query.from.empty()) {
        NM_ASSIGN(prepared.scope.from_ms, query::parse_time(line_query.from, now));
    }
    if (!line_query.to.empty()) {
        NM_ASSIGN(prepared.scope.to_ms, query::parse_time(line_query.to, now));
    }
    return prepared;
}

Result<query::SeriesRequest> request_of(const SeriesQuery& query) {
    query::SeriesRequest request{query.clients, query.plugins, query.fields};
    const std::int64_t now = system_clock().now_ms();
    if (!query.from.empty()) {
        NM_ASSIGN(request.from_ms, query::parse_time(query.from, now));
    }
    if (!query.to.empty()) {
        NM_ASSIGN(request.to_ms, query::parse_time(query.to, now));
    }
    if (!query.step.empty()) {
        NM_ASSIGN(request.step_ms, query::parse_duration_ms(query.step));
    }
    return request;
}

Hit hit_of(const query::Entry& entry) {
    return {entry.id.time_ms,
            entry.client,
            entry.log,
            entry.line,
            entry.kind,
            entry.fields,
            query::format_line_id(entry.id)};
}

RowsPage page_of(std::vector<std::string> rows, std::uint64_t limit) {
    RowsPage page;
    if (rows.size() > limit) {
        page.next = rows.back();
        rows.pop_back();
    }
    page.rows = std::move(rows);
    return page;
}

}  // namespace

Result<std::unique_ptr<Source>> open_local_source(const std::string& data_directory, bool read_only) {
    StoreOptions options;
    options.directory = data_directory;
    options.create_if_missing = false;
    options.read_only = read_only;
    options.owner = "nm-tool";
    options.journal = kept_journal();
    const auto advised = [](Error error) {
        if (error.code == Code::busy)
            error.message += "; to work on a running server, name it with --url instead of --data";
        return error;
    };
    std::unique_ptr<OwnerLock> lock;
    if (read_only) {
        auto acquired = OwnerLock::acquire(data_directory, options.owner, system_clock().now_ms());
        if (acquired.ok()) {
            lock = std::move(acquired).value();
        } else if (acquired.error().code == Code::busy) {
            return advised(acquired.error());
        }  // else: perhaps a medium that cannot be written, where no server can be
    }
    auto store = Store::open(options);
    if (!store.ok()) return advised(std::move(store).error());
    return std::unique_ptr<Source>(std::make_unique<LocalSource>(std::move(lock), std::move(store).value()));
}

Result<Completeness> LocalSource::search(const LineQuery& line_query, const EachHit& each) {
    NM_ASSIGN(const PreparedQuery prepared, prepare(line_query));
    query::SearchRequest request;
    request.scope = prepared.scope;
    request.order = line_query.ascending ? Order::ascending : Order::descending;
    request.limit = static_cast<std::size_t>(line_query.limit);
    query::Execution execution(unhurried_limits());
    const CancelOnInterruption cancel(execution);
    NM_TRY(query::search_stream(*store_, request, execution,
                                [&](const query::Entry& entry) { return each(hit_of(entry)); }));
    return Completeness{execution.stats.stopped_by};
}

Result<HistogramAnswer> LocalSource::histogram(const LineQuery& line_query, const std::string& step,
                                               const std::string& by) {
    NM_ASSIGN(const PreparedQuery prepared, prepare(line_query));
    std::int64_t step_ms = 0;
    if (!step.empty()) {
        NM_ASSIGN(step_ms, query::parse_duration_ms(step));
    }
    query::Execution execution(unhurried_limits());
    const CancelOnInterruption cancel(execution);
    HistogramAnswer answer;
    NM_ASSIGN(answer.histogram, query::histogram(*store_, prepared.scope, step_ms, by, execution));
    answer.completeness.stopped_by = execution.stats.stopped_by;
    return answer;
}

Result<WordsAnswer> LocalSource::words(const LineQuery& line_query, std::uint64_t limit) {
    NM_ASSIGN(const PreparedQuery prepared, prepare(line_query));
    query::Execution execution(unhurried_limits());
    const CancelOnInterruption cancel(execution);
    WordsAnswer answer;
    NM_ASSIGN(answer.words,
              query::count_words(*store_, prepared.scope, static_cast<std::size_t>(limit), execution));
    answer.completeness.stopped_by = execution.stats.stopped_by;
    return answer;
}

Result<std::vector<Hit>> LocalSource::context(const std::string& id, std::uint64_t before,
                                              std::uint64_t after) {
    NM_ASSIGN(const LineId line, query::parse_line_id(id));
    query::Execution execution(unhurried_limits());
    const CancelOnInterruption cancel(execution);
    NM_ASSIGN(const std::vector<query::Entry> entries,
              query::context(*store_, line, static_cast<std::size_t>(before), static_cast<std::size_t>(after),
                             execution));
    std::vector<Hit> hits;
    for (const auto& entry : entries) hits.push_back(hit_of(entry));
    return hits;
}

Result<query::SeriesResult> LocalSource::series(const SeriesQuery& query) {
    NM_ASSIGN(const query::SeriesRequest request, request_of(query));
    query::Execution execution(unhurried_limits());
    const CancelOnInterruption cancel(execution);
    return query::series(*store_, request, execution);
}

Result<std::vector<query::SeriesFields>> LocalSource::series_fields(const SeriesQuery& query) {
    NM_ASSIGN(const query::SeriesRequest request, request_of(query));
    query::Execution execution(unhurried_limits());
    const CancelOnInterruption cancel(execution);
    return query::series_fields(*store_, request, execution);
}

Result<std::vector<std::string>> LocalSource::families() {
    std::vector<std::string> names;
    for (const FamilyInfo& family : store_->families()) names.push_back(family.name);
    return names;
}

Result<RowsPage> LocalSource::rows(const std::string& family, const std::string& prefix,
                                   const std::string& from, std::uint64_t limit) {
    NM_ASSIGN(std::vector<std::string> rows,
              store_->rows(family, from, prefix, static_cast<std::size_t>(limit) + 1));
    return page_of(std::move(rows), limit);
}

Result<RowPage> LocalSource::row(const RowQuery& query) {
    SliceRange range;
    if (!query.from.empty()) range.from = query.from;
    if (!query.to.empty()) range.to = query.to;
    range.reversed = query.reverse;
    range.limit = static_cast<std::size_t>(query.limit) + 1;
    NM_ASSIGN(Slice slice, store_->slice(query.family, query.row, range));
    RowPage page;
    if (slice.cells.size() > query.limit) {
        page.next = slice.cells.back().column;
        slice.cells.pop_back();
    }
    page.cells = std::move(slice.cells);
    return page;
}

Result<std::vector<Counter>> LocalSource::counters(const std::string& row) {
    return store_->counters(row, "", SIZE_MAX);
}

Result<RowsPage> LocalSource::counter_rows(const std::string& prefix, const std::string& from,
                                           std::uint64_t limit) {
    NM_ASSIGN(std::vector<std::string> rows,
              store_->counter_rows(from, prefix, static_cast<std::size_t>(limit) + 1));
    return page_of(std::move(rows), limit);
}

}  // namespace nmstore::tools
