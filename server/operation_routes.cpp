// GET /health and GET /metrics: what watches the server asks.
#include <nlohmann/json.hpp>

#include "server/realtime.h"
#include "server/replication.h"
#include "server/routes.h"

namespace nmstore::server {

namespace {

Response health(Context& context, std::int64_t started_ms) {
    const StoreStats stats = context.store.stats();
    nlohmann::ordered_json json;
    // A standby is as it should be, and is asked for reads: it is ok, but takes no writes.
    const auto may = may_write(context);
    json["status"] = stats.writable ? "ok" : "read-only";
    if (!stats.writable) json["reason"] = stats.why_not_writable;
    if (stats.writable && !may.ok()) json["reason"] = may.error().message;
    json["version"] = NM_VERSION;
    json["uptime_s"] = (context.clock.now_ms() - started_ms) / 1000;
    json["writable"] = stats.writable && may.ok();
    if (context.replication != nullptr)
        json["replication"] =
            nlohmann::ordered_json::parse(replication_health(context.replication->status()));
    if (!stats.damaged_files.empty()) json["damaged"] = true;  // it works all the same, but for some rows
    Response response;
    response.status = stats.writable ? 200 : 503;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return response;
}

Response metrics(Context& context) {
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = context.metrics.text(context.store.stats());
    if (context.realtime != nullptr) append_text(response.body, context.realtime->stats());
    if (context.replication != nullptr) append_text(response.body, context.replication->status());
    return response;
}

}  // namespace

std::vector<Route> operation_routes(Context& context) {
    const std::int64_t started_ms = context.clock.now_ms();
    return {{Method::get, "/health", role_none,
             [&context, started_ms](Request&) { return health(context, started_ms); }, std::nullopt, true},
            {Method::get, "/metrics", role_read, [&context](Request&) { return metrics(context); },
             std::nullopt, true}};
}

}  // namespace nmstore::server
