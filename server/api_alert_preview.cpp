// /alerts/rules/{id}/test and /alerts/test: what a rule, or one that is not set, would have told of what is
// in the store.
#include <algorithm>

#include "query/inventory.h"
#include "query/matcher.h"
#include "server/alert_replay.h"
#include "server/alerts.h"
#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/query_run.h"
#include "server/request_body.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kMaxGroups = 100;    // shown
constexpr std::size_t kMaxAlerts = 1'000;  // shown
constexpr std::int64_t kMaxSpanMs = kMaxAlertTimeMs + std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kHourMs = 3'600'000;

// How far back it looks unless told otherwise: a window, so that it tells what the rule says now.
std::int64_t usual_span_ms(const AlertRule& rule) {
    if (rule.kind == AlertKind::lines) return rule.within_ms;
    if (rule.kind == AlertKind::reading) return std::max(kHourMs, 2 * std::max(rule.for_ms, rule.clear_ms));
    return kHourMs;
}

void write_group(JsonWriter& json, const AlertRule& rule, const AlertGroup& group) {
    json.begin_object().member_or_null("client", group.client).member_or_null("log", group.log);
    if (rule.kind == AlertKind::lines) json.key("count").natural(group.total);
    if (rule.kind == AlertKind::reading) json.member("field", group.field).key("reading").real(group.value);
    json.key("fires").boolean(group.firing).end_object();
}

Result<Response> test_stored(Context& context, Request& request, const Parameters& parameters,
                             const AlertRulePtr& rule) {
    const std::int64_t now_ms = context.clock.now_ms();
    AlertReplay replay;
    replay.rule = rule;
    replay.most_alerts = kMaxAlerts;
    NM_ASSIGN(replay.to_ms, parameters.time_ms("to", now_ms + 1, now_ms));
    NM_ASSIGN(replay.from_ms, parameters.time_ms("from", replay.to_ms - usual_span_ms(*rule), now_ms));
    if (replay.from_ms >= replay.to_ms) return Error{Code::invalid_argument, "from: it must be before to"};
    if (replay.to_ms - replay.from_ms > kMaxSpanMs)
        return Error{Code::invalid_argument, "from: a rule is tested over at most 31 days"};
    QueryRun run(context, request.gone);
    NM_ASSIGN(const AlertReplayed replayed,
              run.finish(replay_alerts(context.store, replay, run.execution())));
    const bool severe = rule->kind == AlertKind::severe;
    bool fires = severe && !replayed.alerts.empty();
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("from").integer(replay.from_ms).key("to").integer(replay.to_ms);
    json.key("groups").begin_array();
    std::size_t shown = 0;
    for (const auto& [key, group] : replayed.state.groups) {
        if (severe) break;  // they are not resolved: the alerts tell all
        fires = fires || group.firing;
        if (++shown <= kMaxGroups) write_group(json, *rule, group);
    }
    json.end_array().key("fires").boolean(fires).key("alerts").begin_array();
    for (const Alert& alert : replayed.alerts) json.json(alert_value(alert));
    json.end_array().key("alerts_left_out").natural(replayed.left_out);
    write_stats(json.key("stats"), run.stats());
    json.end_object();
    return response;
}

Result<Response> test_silent(Context& context, const AlertRule& rule) {
    const std::int64_t now_ms = context.clock.now_ms();
    NM_ASSIGN(const std::vector<query::ClientInfo> clients, query::clients(context.store, now_ms));
    Response response;
    JsonWriter json(response.body);
    bool fires = false;
    json.begin_object().key("groups").begin_array();
    const auto fits = [](const std::string& glob, const query::ClientInfo& client) {
        return query::glob_matches(glob, client.client) ||
               (!client.tag.empty() && query::glob_matches(glob, client.tag));
    };
    std::size_t shown = 0;
    for (const query::ClientInfo& client : clients) {
        if (!fits(rule.client, client)) continue;
        std::int64_t after_ms = rule.after_ms;
        for (const auto& [glob, own_ms] : rule.overrides) {
            if (!fits(glob, client)) continue;
            after_ms = own_ms;
            break;
        }
        const bool silent = client.last_seen_ms < now_ms - after_ms;
        fires = fires || silent;
        if (!silent || ++shown > kMaxGroups) continue;
        json.begin_object().member("client", client.client).key("last_seen").integer(client.last_seen_ms);
        json.key("fires").boolean(true).end_object();
    }
    json.end_array().key("fires").boolean(fires).end_object();
    return response;
}

Result<Response> test(Context& context, Request& request, const Parameters& parameters,
                      const AlertRulePtr& rule) {
    if (rule->kind != AlertKind::silent) return test_stored(context, request, parameters, rule);
    for (const char* name : {"from", "to"}) {
        if (parameters.has(name))
            return Error{Code::invalid_argument,
                         std::string(name) + ": a rule for silent clients is tested as of now"};
    }
    return test_silent(context, *rule);
}

// The id that a rule has which is set under none.
constexpr std::string_view kNewRule = "new";

}  // namespace

Result<Response> test_alert_rule(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"from", "to"}));
    NM_ASSIGN(const AlertRulePtr rule, alert_rule_of(context, request));
    return test(context, request, parameters, rule);
}

Result<Response> test_new_alert_rule(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"from", "to"}));
    NM_TRY(decode_content(request, kMaxAlertRuleBytes + 1));
    std::optional<std::size_t> column;
    Result<AlertRule> rule = parse_alert_rule(kNewRule, request.body, &column);
    if (!rule.ok()) return column ? api_error(rule.error(), column) : api_error(rule.error());
    return test(context, request, parameters, std::make_shared<const AlertRule>(std::move(*rule)));
}

}  // namespace nmstore::server::api
