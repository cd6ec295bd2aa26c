#include "server/alert_replay.h"

#include <algorithm>

#include "query/search.h"
#include "server/alert_evaluation.h"

namespace nmstore::server {
namespace {

// The values of plugins, of the clients and plugins that the rule is for.
std::shared_ptr<const query::Filter> readings_filter(const AlertRule& rule) {
    auto both = std::make_shared<query::Filter>();
    both->kind = query::FilterKind::both;
    const auto add = [&both](query::Source source, std::string text) {
        auto filter = std::make_unique<query::Filter>();
        filter->kind = query::FilterKind::source;
        filter->source = source;
        filter->text = std::move(text);
        both->children.push_back(std::move(filter));
    };
    add(query::Source::kind, std::string(row_kind_name(RowKind::plugins)));
    add(query::Source::client, rule.client);
    add(query::Source::log, log_key_name(rule.plugin));
    return both;
}

std::shared_ptr<const query::Filter> filter_of(const AlertRule& rule) {
    switch (rule.kind) {
        case AlertKind::lines:
            return rule.filter;
        case AlertKind::reading:
            return readings_filter(rule);
        case AlertKind::silent:
            break;
        case AlertKind::severe:
            return severe_filter();
    }
    return nullptr;
}

}  // namespace

Result<AlertReplayed> replay_alerts(const Store& store, const AlertReplay& replay,
                                    query::Execution& execution) {
    const std::shared_ptr<const query::Filter> filter = filter_of(*replay.rule);
    if (!filter) return Error{Code::unsupported, "a rule for silent clients reads no lines"};
    AlertReplayed replayed;
    AlertEvaluation evaluation(store, replay.from_ms, [&](Alert alert) {
        if (replayed.alerts.size() < replay.most_alerts) {
            replayed.alerts.push_back(std::move(alert));
        } else {
            ++replayed.left_out;
        }
    });
    auto rule = std::make_shared<AlertRule>(*replay.rule);
    rule->enabled = true;
    evaluation.look_at_clients(replay.to_ms);  // for the tags
    evaluation.start_at(replay.state_ms == 0 ? replay.from_ms : replay.state_ms);
    NM_TRY(evaluation.set(std::move(rule), replay.state));
    evaluation.advance(replay.from_ms);
    query::SearchRequest search;
    search.scope.filter = filter.get();
    search.scope.from_ms = replay.from_ms;
    search.scope.to_ms = replay.to_ms;
    search.order = Order::ascending;
    search.limit = 0;
    NM_TRY(query::search_stream(store, search, execution, [&](const query::Entry& entry) {
        evaluation.on_stored(entry);
        return true;
    }));
    if (execution.stats.stopped_by.empty()) evaluation.advance(replay.to_ms);
    replayed.state = evaluation.state(replay.rule->id);
    return replayed;
}

}  // namespace nmstore::server
