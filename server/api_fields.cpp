// GET /fields: what the matching lines have as fields, and which values are frequent.
#include "server/api_calls.h"
#include "server/api_scope.h"
#include "server/query_run.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kDefaultValues = 10;

}  // namespace

Result<Response> fields(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"q", "from", "to", "family", "values", "within"}));
    NM_ASSIGN(const std::uint64_t values,
              parameters.natural("values", kDefaultValues, 1, query::kMaxFieldValues));
    std::optional<std::size_t> column;
    const Result<QueryScope> scope = read_scope(parameters, context.clock.now_ms(), column);
    if (!scope) return api_error(scope.error(), column);
    NM_ASSIGN(const std::chrono::milliseconds within, read_within(parameters));
    QueryRun run(context, request.gone, within);
    NM_ASSIGN(const std::vector<query::FieldCount> counted,
              run.finish(query::count_fields(context.store, scope->scope(), values, run.execution())));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("fields").begin_array();
    for (const query::FieldCount& field : counted) {
        json.begin_object().member("name", field.name).key("lines").natural(field.lines);
        json.key("distinct").natural(field.distinct).key("complete").boolean(field.complete);
        json.key("values").begin_array();
        for (const auto& [value, count] : field.values)
            json.begin_object().member("value", value).key("count").natural(count).end_object();
        json.end_array().end_object();
    }
    json.end_array();
    write_stats(json.key("stats"), run.stats());
    json.end_object();
    return response;
}

}  // namespace nmstore::server::api
