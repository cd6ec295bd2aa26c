// GET /series and /series/fields: what agents' plugins measured, step by step, and what they measure.
#include "query/series.h"

#include "query/time_text.h"
#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/query_run.h"

namespace nmstore::server::api {
namespace {

// How far back /series/fields looks unless told otherwise.
constexpr std::int64_t kFieldsFromMs = std::int64_t{7} * 24 * 3600 * 1000;

Result<query::SeriesRequest> read_request(const Parameters& parameters, std::int64_t from_ms,
                                          std::int64_t now_ms) {
    query::SeriesRequest request;
    request.clients = parameters.texts("client");
    request.plugins = parameters.texts("plugin");
    request.fields = parameters.texts("field");
    NM_ASSIGN(request.from_ms, parameters.time_ms("from", from_ms, now_ms));
    NM_ASSIGN(request.to_ms, parameters.time_ms("to", INT64_MAX, now_ms));
    NM_ASSIGN(request.last, parameters.boolean("last"));
    if (!parameters.has("step")) return request;
    const Result<std::int64_t> step = query::parse_duration_ms(parameters.text("step"));
    if (!step) return Error{Code::invalid_argument, "step: " + step.error().message};
    request.step_ms = step.value();
    return request;
}

void write_series(JsonWriter& json, const query::Series& series) {
    json.begin_object().member("client", series.client).member("plugin", series.plugin);
    json.member("field", series.field).key("points").begin_array();
    for (const query::SeriesPoint& point : series.points) {
        json.begin_array().integer(point.time_ms).real(point.min).real(point.mean).real(point.max);
        json.natural(point.count).end_array();
    }
    json.end_array();
    if (series.last)
        json.key("last").begin_array().integer(series.last->time_ms).real(series.last->value).end_array();
    json.end_object();
}

}  // namespace

Result<Response> series(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"client", "plugin", "field", "from", "to", "step", "last"},
                               {"client", "plugin", "field"}));
    NM_ASSIGN(const query::SeriesRequest asked, read_request(parameters, INT64_MIN, context.clock.now_ms()));
    QueryRun run(context, request.gone);
    NM_ASSIGN(const query::SeriesResult found,
              run.finish(query::series(context.store, asked, run.execution())));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("step").integer(found.step_ms).key("series").begin_array();
    for (const query::Series& each : found.series) write_series(json, each);
    json.end_array();
    write_stats(json.key("stats"), run.stats());
    json.end_object();
    return response;
}

Result<Response> series_fields(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"client", "plugin", "from", "to"}, {"client", "plugin"}));
    const std::int64_t now_ms = context.clock.now_ms();
    NM_ASSIGN(const query::SeriesRequest asked, read_request(parameters, now_ms - kFieldsFromMs, now_ms));
    QueryRun run(context, request.gone);
    NM_ASSIGN(const std::vector<query::SeriesFields> found,
              run.finish(query::series_fields(context.store, asked, run.execution())));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("plugins").begin_array();
    for (const query::SeriesFields& each : found) {
        json.begin_object().member("client", each.client).member("plugin", each.plugin);
        json.key("fields").begin_array();
        for (const std::string& field : each.fields) json.string(field);
        json.end_array().end_object();
    }
    json.end_array();
    write_stats(json.key("stats"), run.stats());
    json.end_object();
    return response;
}

}  // namespace nmstore::server::api
