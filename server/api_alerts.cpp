// /alerts/rules and /alerts/firing: the rules by which there are alerts, and what fires.
#include "query/inventory.h"
#include "query/matcher.h"
#include "query/search.h"
#include "server/alerts.h"
#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/query_run.h"
#include "server/request_body.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kMaxTestGroups = 100;  // shown

Result<Alerts*> alerts_of(Context& context) {
    if (context.alerts != nullptr) return context.alerts;
    return Error{Code::unavailable, "this server evaluates no alert rules"};
}

// /api/v1/alerts/rules/{id}
const std::string& rule_id(const Request& request) {
    return request.path.at(4);
}

Result<AlertRulePtr> rule_of(Context& context, const Request& request) {
    NM_ASSIGN(const Alerts* alerts, alerts_of(context));
    AlertRulePtr rule = alerts->rule(rule_id(request));
    if (rule) return rule;
    return Error{Code::not_found, "there is no alert rule \"" + printable(rule_id(request)) + '"'};
}

Response answer_rule(const AlertRule& rule, const Request& request) {
    Response response;
    response.body = shown_alert_rule(rule, request.principal.may(role_admin));
    return response;
}

std::string group_key(const AlertRule& rule, const query::Entry& entry) {
    if (rule.by == AlertGrouping::none) return {};
    return rule.by == AlertGrouping::client ? entry.client : entry.client + '\n' + entry.log;
}

// Lines by their own times, in place of those of the commits.
Result<Response> test_lines(Context& context, Request& request, const AlertRule& rule) {
    QueryRun run(context, request.gone);
    query::SearchRequest search;
    search.scope.filter = rule.filter.get();
    search.scope.to_ms = context.clock.now_ms() + 1;
    search.scope.from_ms = search.scope.to_ms - rule.within_ms;
    std::map<std::string, std::uint64_t> groups;
    const Result<void> read = run.finish(
        query::search_stream(context.store, search, run.execution(), [&](const query::Entry& entry) {
            if (entry.kind == row_kind_name(RowKind::alerts)) return true;
            const std::string key = group_key(rule, entry);
            if (groups.size() < kMaxAlertGroups || groups.contains(key)) ++groups[key];
            return true;
        }));
    NM_TRY(read);
    Response response;
    JsonWriter json(response.body);
    bool fires = false;
    for (const auto& [key, count] : groups) fires = fires || count >= rule.count;
    json.begin_object().key("fires").boolean(fires).key("groups").begin_array();
    std::size_t shown = 0;
    for (const auto& [key, count] : groups) {
        if (++shown > kMaxTestGroups) break;
        const std::size_t end = std::min(key.find('\n'), key.size());
        json.begin_object().member_or_null("client", key.substr(0, end));
        json.member_or_null("log", end < key.size() ? key.substr(end + 1) : "");
        json.key("count").natural(count).key("fires").boolean(count >= rule.count).end_object();
    }
    json.end_array();
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
        if (!silent || ++shown > kMaxTestGroups) continue;
        json.begin_object().member("client", client.client).key("last_seen").integer(client.last_seen_ms);
        json.key("fires").boolean(true).end_object();
    }
    json.end_array().key("fires").boolean(fires).end_object();
    return response;
}

}  // namespace

Result<Response> alert_rules(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(const Alerts* alerts, alerts_of(context));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("rules").begin_array();
    for (const AlertRulePtr& rule : alerts->rules())
        json.json(shown_alert_rule(*rule, request.principal.may(role_admin)));
    json.end_array().end_object();
    return response;
}

Result<Response> alert_rule(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(const AlertRulePtr rule, rule_of(context, request));
    return answer_rule(*rule, request);
}

Result<Response> set_alert_rule(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(Alerts * alerts, alerts_of(context));
    NM_TRY(decode_content(request, kMaxAlertRuleBytes + 1));
    std::optional<std::size_t> column;
    const Result<AlertRulePtr> rule = alerts->set_rule(rule_id(request), request.body, &column);
    if (!rule.ok()) return column ? api_error(rule.error(), column) : api_error(rule.error());
    return answer_rule(**rule, request);
}

Result<Response> remove_alert_rule(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(Alerts * alerts, alerts_of(context));
    NM_TRY(alerts->remove_rule(rule_id(request)));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member("removed", rule_id(request)).end_object();
    return response;
}

Result<Response> test_alert_rule(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(const AlertRulePtr rule, rule_of(context, request));
    if (rule->kind == AlertKind::lines) return test_lines(context, request, *rule);
    if (rule->kind == AlertKind::silent) return test_silent(context, *rule);
    return Error{Code::unsupported, "only rules of the kinds lines and silent can be tested"};
}

Result<Response> firing_alerts(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(const Alerts* alerts, alerts_of(context));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("firing").begin_array();
    for (const Alerts::Firing& each : alerts->firing()) {
        json.begin_object().member("rule", each.rule->id).member("kind", alert_kind_name(each.rule->kind));
        json.member_or_null("client", each.client).member_or_null("log", each.log);
        json.member_or_null("field", each.field).key("since").integer(each.since_ms);
        if (each.count > 0) json.key("count").natural(each.count);
        if (!each.sample.empty()) json.member("line", each.sample);
        json.end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace nmstore::server::api
