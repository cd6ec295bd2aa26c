// GET /clients, /logs, /plugins and /users: who writes here, and who is connected.
#include "query/inventory.h"

#include "query/index_row.h"
#include "server/api_calls.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

// A time last seen; null where it is not known.
void write_time(JsonWriter& json, std::string_view name, std::int64_t time_ms) {
    json.key(name);
    if (time_ms == 0) {
        json.null();
    } else {
        json.integer(time_ms);
    }
}

Result<Response> answer_logs(Context& context, Request& request, RowKind kind, std::string_view list,
                             std::string_view item) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"client"}));
    NM_ASSIGN(const std::vector<query::LogInfo> logs,
              query::logs(context.store, parameters.text("client"), kind));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key(list).begin_array();
    for (const query::LogInfo& log : logs) {
        json.begin_object().member("client", log.client).member(item, log.log);
        if (kind == RowKind::logs) json.member("display", log.display);
        write_time(json, "last_seen", log.last_seen_ms);
        json.end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace

Result<Response> clients(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(const std::vector<query::ClientInfo> found,
              query::clients(context.store, context.clock.now_ms()));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("clients").begin_array();
    for (const query::ClientInfo& client : found) {
        json.begin_object().member("client", client.client).member_or_null("tag", client.tag);
        json.member_or_null("external", client.external);
        write_time(json, "last_seen", client.last_seen_ms);
        json.key("down").boolean(client.down).end_object();
    }
    json.end_array().end_object();
    return response;
}

Result<Response> logs(Context& context, Request& request) {
    return answer_logs(context, request, RowKind::logs, "logs", "log");
}

Result<Response> plugins(Context& context, Request& request) {
    return answer_logs(context, request, RowKind::plugins, "plugins", "plugin");
}

// The sessions that are connected: columns of the row `users`, with the time of their beginning.
Result<Response> users(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("users").begin_array();
    NM_TRY(query::each_index_cell(context.store, "users", [&json](const Cell& cell) {
        json.begin_object().member("user", cell.column);
        write_time(json, "since", query::index_time(cell.value));
        json.end_object();
    }));
    json.end_array().end_object();
    return response;
}

}  // namespace nmstore::server::api
