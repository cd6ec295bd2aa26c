// POST /admin/retention: lets old days go now, or tells which would go.
#include <algorithm>
#include <optional>

#include "query/retention_text.h"
#include "server/api_calls.h"
#include "server/api_work.h"
#include "server/parameters.h"
#include "server/retention_task.h"

namespace nmstore::server::api {
namespace {

std::string retention_line(const RetentionReport& report, bool dry_run) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("result", "ok").key("dry_run").boolean(dry_run);
    json.key("rows_by_age").natural(report.rows_by_age).key("rows_by_bytes").natural(report.rows_by_bytes);
    json.key("bytes").natural(report.bytes).key("names").natural(report.names);
    json.key("store_bytes").natural(report.store_bytes).key("over_bytes").natural(report.over_bytes);
    json.key("rows").begin_array();
    for (const RetentionReport::Row& row : report.rows) {
        json.begin_object().member("family", row.family).member("row", row.key);
        json.key("bytes").natural(row.bytes).member("why", row.by_age ? "age" : "bytes").end_object();
    }
    json.end_array().end_object();
    return line;
}

// What the server's own rules keep for ever, as one rule: nothing if there is none.
std::optional<RetentionRule> kept_for_ever(const RetentionPolicy& policy) {
    const auto is_for_ever = [](const RetentionRule& rule) { return !rule.keep_ms; };
    if (std::none_of(policy.rules.begin(), policy.rules.end(), is_for_ever)) return std::nullopt;
    return RetentionRule{[rules = policy.rules, is_for_ever](const LogRow& row) {
                             const auto first =
                                 std::find_if(rules.begin(), rules.end(),
                                              [&](const RetentionRule& rule) { return rule.matches(row); });
                             return first != rules.end() && is_for_ever(*first);
                         },
                         std::nullopt};
}

// The server's own policy, unless the request brings one; then what the server is to keep for ever stays all
// the same, unless a rule of the request is for it.
Result<RetentionPolicy> policy_of(const Context& context, const Parameters& parameters) {
    query::RetentionText text;
    text.keep = parameters.text("keep");
    text.bytes = parameters.text("max_bytes");
    std::string_view rules = parameters.text("rules");
    while (!rules.empty()) {
        const std::size_t end = std::min(rules.find('\n'), rules.size());
        if (end > 0) text.rules.emplace_back(rules.substr(0, end));
        rules.remove_prefix(std::min(end + 1, rules.size()));
    }
    NM_ASSIGN(text.forget_names, parameters.boolean("forget_names"));
    if (!text.empty()) {
        NM_ASSIGN(RetentionPolicy policy, query::parse_retention(text));
        if (auto rule = kept_for_ever(context.config.retention)) policy.rules.push_back(std::move(*rule));
        return policy;
    }
    RetentionPolicy policy = context.config.retention;
    policy.forget_names = policy.forget_names || text.forget_names;
    if (policy.empty()) {
        return Error{
            Code::invalid_argument,
            "the server keeps everything: give keep, rules or max_bytes, or start it with --retention, "
            "--retention-rule or --retention-bytes"};
    }
    return policy;
}

}  // namespace

Result<Response> retention(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"dry_run", "keep", "rules", "max_bytes", "forget_names"}));
    NM_ASSIGN(const bool dry_run, parameters.boolean("dry_run"));
    NM_ASSIGN(RetentionPolicy policy, policy_of(context, parameters));
    return answer_work(context, request, "retention",
                       [&store = context.store, policy = std::move(policy),
                        dry_run](const Progress& progress) -> Result<std::string> {
                           const Result<RetentionReport> done = store.retain(policy, dry_run, progress);
                           if (!dry_run) tell_retention(done);
                           NM_ASSIGN(const RetentionReport report, done);
                           return retention_line(report, dry_run);
                       });
}

}  // namespace nmstore::server::api
