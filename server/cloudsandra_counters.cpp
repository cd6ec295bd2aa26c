// COUNTER: steps of counters, one or many in a post, and their values.
#include <charconv>

#include "ingest/bulk_cells.h"
#include "ingest/form.h"
#include "nmstore/words.h"
#include "query/search.h"
#include "server/cloudsandra_calls.h"
#include "server/json_writer.h"
#include "server/page.h"
#include "server/query_run.h"
#include "server/request_body.h"

namespace nmstore::server::cloudsandra {
namespace {

constexpr std::size_t kRow = 2, kColumn = 3;  // /v0.3/COUNTER/{row}/{column}

Error invalid(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// n of increment=n; a missing one is 1. A '+' before it may have become a blank in the form.
Result<std::int64_t> read_step(std::string_view name, std::string_view value) {
    std::string_view text = trimmed(value);
    if (text.empty()) text = "1";
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    std::int64_t step = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), step);
    const bool whole = problem == std::errc{} && end == text.data() + text.size();
    const bool can_turn = name == "increment" || step != INT64_MIN;  // -INT64_MIN is no 64-bit number
    if (whole && can_turn) return name == "increment" ? step : -step;
    return invalid(std::string(name) + ": \"" + printable(value) + "\" is not a whole number of 64 bits");
}

Result<std::int64_t> read_step_form(std::string_view body) {
    NM_ASSIGN(const ingest::FormFields form, ingest::parse_form(body));
    std::optional<std::int64_t> step;
    for (const auto& [name, value] : form) {
        if (name != "increment" && name != "decrement") {
            return invalid("unknown field \"" + printable(name) + "\"; expected increment=n or decrement=n");
        }
        if (step) return invalid("expected one of increment and decrement, once");
        NM_ASSIGN(step, read_step(name, value));
    }
    if (!step) return invalid("expected a form: increment=n or decrement=n");
    return *step;
}

bool is_word(std::string_view text) {
    WordScanner scanner(text);
    WordAt word;
    return scanner.next(word) && word.begin == 0 && word.end == text.size();
}

bool is_day_of_log(std::string_view row) {
    const auto day_row = parse_day_row(row);
    return day_row && day_row->kind == RowKind::logs;
}

// In how many lines of a log's day the word is.
Result<std::uint64_t> count_lines_with(Context& context, Request& request, const std::string& row,
                                       const std::string& word) {
    query::Filter filter;
    filter.kind = query::FilterKind::word;
    filter.text = word;
    query::Scope scope;
    scope.filter = &filter;
    scope.family = kTimeFamily;
    scope.row = row;
    QueryRun run(context, request.gone);
    NM_ASSIGN(const std::uint64_t lines,
              run.finish(query::count_lines(context.store, scope, run.execution())));
    NM_TRY(run.complete());
    return lines;
}

}  // namespace

Result<Response> post_counter(Context& context, Request& request) {
    NM_ASSIGN(const std::int64_t step, read_step_form(request.body));
    const std::unique_ptr<CounterBatch> batch = context.store.begin_counters();
    NM_TRY(batch->add(request.path[kRow], request.path[kColumn], step));
    NM_TRY(batch->commit());
    return cloudsandra_success();
}

// All steps or none, unlike bulk posts of cells: steps that were taken although the answer is an error would
// be taken twice by whoever mends the body and sends it again.
Result<Response> post_bulk_counters(Context& context, Request& request) {
    NM_TRY(decode_content(request, context.config.max_body));
    const std::unique_ptr<CounterBatch> batch = context.store.begin_counters();
    NM_ASSIGN(const ingest::CellReport report, ingest::decode_bulk_counters(request.body, *batch));
    release_body(request);
    if (report.rejected > 0) {
        context.metrics.count("counter_steps_rejected", report.rejected);
        return cloudsandra_rejected("nothing counted: " + std::to_string(report.rejected) + " of " +
                                        std::to_string(report.accepted + report.rejected) +
                                        " columns are wrong",
                                    report.errors);
    }
    if (report.accepted > 0) NM_TRY(batch->commit());
    return cloudsandra_success();
}

// A counter that somebody has posted; else, of a log's day, a word is counted.
Result<Response> get_counter(Context& context, Request& request) {
    const std::string& row = request.path[kRow];
    const std::string& column = request.path[kColumn];
    NM_ASSIGN(const std::vector<Counter> counters, context.store.counters(row, column, 1));
    std::string value = "0";
    if (!counters.empty() && counters.front().column == column) {
        value = std::to_string(counters.front().value);
    } else if (is_day_of_log(row) && is_word(column)) {
        NM_ASSIGN(const std::uint64_t lines, count_lines_with(context, request, row, column));
        value = std::to_string(lines);
    }
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member(column, value).end_object();
    return response;
}

Result<Response> get_counters(Context& context, Request& request) {
    NM_ASSIGN(const std::size_t limit, read_page_limit(request.parameter("limit").value_or("")));
    const std::string_view from = request.parameter("fromKey").value_or("");
    NM_ASSIGN(const std::vector<Counter> counters, context.store.counters(request.path[kRow], from, limit));
    Response response;
    JsonWriter json(response.body);
    json.begin_object();
    for (const Counter& counter : counters) json.member(counter.column, std::to_string(counter.value));
    json.end_object();
    return response;
}

// A row's counters, or one of them.
Result<Response> delete_counters(Context& context, Request& request) {
    std::optional<std::string_view> column;
    if (request.path.size() > kColumn) column = request.path[kColumn];
    NM_TRY(context.store.remove_counters(request.path[kRow], column));
    return cloudsandra_success();
}

}  // namespace nmstore::server::cloudsandra
