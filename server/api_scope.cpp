#include "server/api_scope.h"

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

}  // namespace nmstore::server
