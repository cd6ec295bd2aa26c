// The calls of /api/v1, by the file that has them. api_routes.cpp is the table of paths.
#pragma once

#include <memory>

#include "server/api_answer.h"

namespace nmstore::server {
struct AlertRule;
}

namespace nmstore::server::api {

// api_search.cpp
Result<Response> search(Context& context, Request& request);
Result<Response> alerts(Context& context, Request& request);
// api_alerts.cpp
Result<Response> alert_rules(Context& context, Request& request);
Result<Response> alert_rule(Context& context, Request& request);
Result<Response> set_alert_rule(Context& context, Request& request);
Result<Response> remove_alert_rule(Context& context, Request& request);
Result<Response> firing_alerts(Context& context, Request& request);
// Of the path; not_found.
Result<std::shared_ptr<const AlertRule>> alert_rule_of(Context& context, const Request& request);
// api_alert_preview.cpp
Result<Response> test_alert_rule(Context& context, Request& request);
Result<Response> test_new_alert_rule(Context& context, Request& request);
// api_counts.cpp
Result<Response> histogram(Context& context, Request& request);
Result<Response> words(Context& context, Request& request);
// api_fields.cpp
Result<Response> fields(Context& context, Request& request);
// api_series.cpp
Result<Response> series(Context& context, Request& request);
Result<Response> series_fields(Context& context, Request& request);
// api_context.cpp
Result<Response> context_of_line(Context& context, Request& request);

// api_follow.cpp
Result<Response> tail(Context& context, Request& request);
Result<Response> channel(Context& context, Request& request);
Result<Response> messages(Context& context, Request& request);

// api_logs.cpp
Result<Response> post_logs(Context& context, Request& request);

// api_inventory.cpp
Result<Response> clients(Context& context, Request& request);
Result<Response> logs(Context& context, Request& request);
Result<Response> plugins(Context& context, Request& request);
Result<Response> users(Context& context, Request& request);
// api_machines.cpp
Result<Response> machines(Context& context, Request& request);
Result<Response> set_machines(Context& context, Request& request);
// api_tags.cpp
// Also tells it to those who listen to the row. invalid_argument: not UTF-8, or too long.
Result<void> store_tag(Store& store, std::string_view client, std::string_view tag);
Result<Response> list_tags(Context& context, Request& request);
Result<Response> set_tag(Context& context, Request& request);
Result<Response> remove_tag(Context& context, Request& request);

// api_rows.cpp
Result<Response> rows(Context& context, Request& request);
Result<Response> row(Context& context, Request& request);
Result<Response> counters(Context& context, Request& request);
// api_drop.cpp
Result<Response> drop_rows(Context& context, Request& request);

// api_session.cpp
Result<Response> session(Context& context, Request& request);
// api_connections.cpp
Result<Response> connections(Context& context, Request& request);
// api_store.cpp
Result<Response> families(Context& context, Request& request);
Result<Response> stats(Context& context, Request& request);
// api_admin.cpp
Result<Response> compact(Context& context, Request& request);
Result<Response> verify(Context& context, Request& request);
Result<Response> backup(Context& context, Request& request);
Result<Response> list_backups(Context& context, Request& request);
// api_work.cpp
Result<Response> running_work(Context& context, Request& request);
// api_reindex.cpp
Result<Response> reindex(Context& context, Request& request);
// api_retention.cpp
Result<Response> retention(Context& context, Request& request);
// api_replication.cpp
Result<Response> replication_hello(Context& context, Request& request);
Result<Response> replication_records(Context& context, Request& request);
Result<Response> set_replication_position(Context& context, Request& request);
Result<Response> replication_status(Context& context, Request& request);
Result<Response> pause_replication(Context& context, Request& request);
Result<Response> resume_replication(Context& context, Request& request);
Result<Response> resync_replication(Context& context, Request& request);
Result<Response> replication_refused(Context& context, Request& request);
Result<Response> clear_replication_refused(Context& context, Request& request);
Result<Response> forget_replication_source(Context& context, Request& request);
Result<Response> bind_replication_source(Context& context, Request& request);
Result<Response> set_standby(Context& context, Request& request);
// api_retention_settings.cpp
Result<Response> retention_settings(Context& context, Request& request);

}  // namespace nmstore::server::api
