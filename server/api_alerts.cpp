// /alerts/rules and /alerts/firing: the rules by which there are alerts, and what fires.
#include "server/alerts.h"
#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/request_body.h"

namespace nmstore::server::api {
namespace {

Result<Alerts*> alerts_of(Context& context) {
    if (context.alerts != nullptr) return context.alerts;
    return Error{Code::unavailable, "this server evaluates no alert rules"};
}

// /api/v1/alerts/rules/{id}
const std::string& rule_id(const Request& request) {
    return request.path.at(4);
}

Response answer_rule(const AlertRule& rule, const Request& request) {
    Response response;
    response.body = shown_alert_rule(rule, request.principal.may(role_admin));
    return response;
}

}  // namespace

Result<AlertRulePtr> alert_rule_of(Context& context, const Request& request) {
    NM_ASSIGN(const Alerts* alerts, alerts_of(context));
    AlertRulePtr rule = alerts->rule(rule_id(request));
    if (rule) return rule;
    return Error{Code::not_found, "there is no alert rule \"" + printable(rule_id(request)) + '"'};
}

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
    NM_ASSIGN(const AlertRulePtr rule, alert_rule_of(context, request));
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
