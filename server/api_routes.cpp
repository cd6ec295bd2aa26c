// The table of /api/v1. docs/openapi.yaml describes each row; a test compares the two.
#include "server/api_calls.h"
#include "server/routes.h"

namespace nmstore::server {

std::vector<Route> api_routes(Context& context) {
    using namespace api;
    struct Row {
        Method method;
        std::string_view pattern;
        Role role;
        ApiCall call;
    };
    static constexpr Row kTable[] = {
        {Method::get, "/api/v1/search", role_read, search},
        {Method::get, "/api/v1/histogram", role_read, histogram},
        {Method::get, "/api/v1/words", role_read, words},
        {Method::get, "/api/v1/fields", role_read, fields},
        {Method::get, "/api/v1/series", role_read, series},
        {Method::get, "/api/v1/series/fields", role_read, series_fields},
        {Method::get, "/api/v1/context", role_read, context_of_line},
        {Method::get, "/api/v1/alerts", role_read, alerts},
        {Method::get, "/api/v1/alerts/firing", role_read, firing_alerts},
        {Method::get, "/api/v1/alerts/rules", role_read, alert_rules},
        {Method::get, "/api/v1/alerts/rules/{id}", role_read, alert_rule},
        {Method::put, "/api/v1/alerts/rules/{id}", role_admin, set_alert_rule},
        {Method::del, "/api/v1/alerts/rules/{id}", role_admin, remove_alert_rule},
        {Method::post, "/api/v1/alerts/rules/{id}/test", role_read, test_alert_rule},
        {Method::post, "/api/v1/alerts/test", role_read, test_new_alert_rule},
        {Method::get, "/api/v1/tail", role_read, tail},
        {Method::get, "/api/v1/channel", role_read, channel},
        {Method::get, "/api/v1/messages", role_read, messages},
        {Method::post, "/api/v1/logs", role_ingest, post_logs},
        {Method::get, "/api/v1/clients", role_read, clients},
        {Method::get, "/api/v1/logs", role_read, logs},
        {Method::get, "/api/v1/plugins", role_read, plugins},
        {Method::get, "/api/v1/users", role_read, users},
        {Method::get, "/api/v1/inventory", role_read, machines},
        {Method::put, "/api/v1/inventory", role_ingest, set_machines},
        {Method::get, "/api/v1/tags", role_read, list_tags},
        {Method::post, "/api/v1/tags", role_ingest, set_tag},
        {Method::del, "/api/v1/tags", role_ingest, remove_tag},
        {Method::get, "/api/v1/families", role_read, families},
        {Method::get, "/api/v1/rows", role_read, rows},
        {Method::del, "/api/v1/rows", role_admin, drop_rows},
        {Method::get, "/api/v1/row", role_read, row},
        {Method::get, "/api/v1/counters", role_read, counters},
        {Method::get, "/api/v1/session", role_read, session},
        {Method::get, "/api/v1/connections", role_admin, connections},
        {Method::get, "/api/v1/stats", role_read, stats},
        {Method::get, "/api/v1/retention", role_read, retention_settings},
        {Method::post, "/api/v1/admin/compact", role_admin, compact},
        {Method::post, "/api/v1/admin/reindex", role_admin, reindex},
        {Method::post, "/api/v1/admin/retention", role_admin, retention},
        {Method::post, "/api/v1/admin/verify", role_admin, verify},
        {Method::post, "/api/v1/admin/backup", role_admin, backup},
        {Method::get, "/api/v1/admin/backups", role_admin, list_backups},
        {Method::get, "/api/v1/admin/work", role_admin, running_work},
        {Method::get, "/api/v1/replication", role_read, replication_status},
        {Method::get, "/api/v1/replication/hello", role_ingest, replication_hello},
        {Method::post, "/api/v1/replication/records", role_ingest, replication_records},
        {Method::post, "/api/v1/replication/position", role_admin, set_replication_position},
        {Method::post, "/api/v1/replication/standby", role_admin, set_standby},
        {Method::post, "/api/v1/replication/targets/{name}/pause", role_admin, pause_replication},
        {Method::post, "/api/v1/replication/targets/{name}/resume", role_admin, resume_replication},
        {Method::post, "/api/v1/replication/targets/{name}/resync", role_admin, resync_replication},
        {Method::get, "/api/v1/replication/targets/{name}/refused", role_read, replication_refused},
        {Method::del, "/api/v1/replication/targets/{name}/refused", role_admin, clear_replication_refused},
        {Method::del, "/api/v1/replication/sources/{hub}", role_admin, forget_replication_source},
        {Method::post, "/api/v1/replication/sources/{hub}", role_admin, bind_replication_source},
    };
    std::vector<Route> routes;
    for (const Row& entry : kTable) {
        routes.push_back(api_route(context, entry.method, entry.pattern, entry.role, entry.call));
    }
    return routes;
}

}  // namespace nmstore::server
