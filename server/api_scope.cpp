#include "server/api_scope.h"

#include "query/time_text.h"

namespace nmstore::server {

Result<QueryScope> read_scope(const Parameters& parameters, std::int64_t now_ms,
                              std::optional<std::size_t>& column) {
    QueryScope scope;
    NM_ASSIGN(scope.from_ms, parameters.time_ms("from", INT64_MIN, now_ms));
    NM_ASSIGN(scope.to_ms, parameters.time_ms("to", INT64_MAX, now_ms));
    if (scope.from_ms > scope.to_ms) return Error{Code::invalid_argument, "\"from\" is later than \"to\""};
    scope.family = parameters.text("family");
    query::ParseProblem problem;
    Result<query::Query> query = query::parse(parameters.text("q"), &problem);
    if (!query) {
        if (problem.column > 0) column = problem.column;
        return std::move(query).error();
    }
    scope.query = std::move(*query);
    return scope;
}

Result<std::chrono::milliseconds> read_within(const Parameters& parameters) {
    if (!parameters.has("within")) return std::chrono::milliseconds::max();
    const Result<std::int64_t> within = query::parse_duration_ms(parameters.text("within"));
    if (!within) return Error{Code::invalid_argument, "within: " + within.error().message};
    if (*within < 1) return Error{Code::invalid_argument, "within: it must be at least 1 ms"};
    return std::chrono::milliseconds(*within);
}

Result<std::string> read_row_key(const Parameters& parameters, std::int64_t now_ms) {
    const bool some = parameters.has("client") || parameters.has("log") || parameters.has("day");
    const std::string row(parameters.text("row"));
    if (!row.empty() && some)
        return Error{Code::invalid_argument, "row: cannot stand beside client, log and day"};
    if (!some) return row;
    DayRow day_row;
    day_row.kind = RowKind::logs;
    NM_ASSIGN(day_row.client, parameters.required("client"));
    NM_ASSIGN(const std::string_view log, parameters.required("log"));
    day_row.name = log_key_name(log);
    NM_TRY(parameters.required("day"));
    NM_ASSIGN(const std::int64_t time_ms, parameters.time_ms("day", 0, now_ms));
    day_row.day = day_of(time_ms);
    return format_day_row(day_row);
}

}  // namespace nmstore::server
