// Alerts: what is done where changes are not kept any more when they would be evaluated. What they brought is
// read from the store, by the lines' own times, as far as a rule needs it.
#include <algorithm>

#include "query/execution.h"
#include "query/inventory.h"
#include "server/alert_replay.h"
#include "server/alerts.h"
#include "server/log.h"

namespace nmstore::server {
namespace {

using Milliseconds = std::chrono::milliseconds;

// All the while nothing else is evaluated, and nobody who lists rules is answered.
constexpr Milliseconds kPatience{10'000};
constexpr std::int64_t kSevereBackMs = std::int64_t{24} * 3600 * 1000;

// How far back a rule looks for what it says now.
std::int64_t needed_ms(const AlertRule& rule) {
    switch (rule.kind) {
        case AlertKind::lines:
            return rule.within_ms;
        case AlertKind::reading:
            return std::max({rule.for_ms, rule.clear_ms, rule.stale_ms});
        case AlertKind::silent:
            break;
        case AlertKind::severe:
            return kSevereBackMs;
    }
    return 0;
}

}  // namespace

void Alerts::missed(ChangeNumber from, ChangeNumber first) {
    const std::lock_guard guard(mutex_);
    ++metrics_.alert_gaps;
    log_event(LogLevel::warning, "alerts: changes are not kept any more, the store is read in their place",
              {{"from", std::to_string(from)}, {"to", std::to_string(first)}});
    // What is committed while the store is read may be counted twice, and is not missed.
    catch_up(std::max(first, store_.changes().end));
}

void Alerts::catch_up(ChangeNumber end) {
    const auto begin = std::chrono::steady_clock::now();
    const std::int64_t now_ms = clock_.now_ms();
    const std::int64_t state_ms = evaluation_.time_ms();
    for (const auto& [id, rule] : rules_) {
        if (!rule->enabled || rule->kind == AlertKind::silent) continue;
        const auto used = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
        const Result<void> done =
            catch_up(rule, end, state_ms, now_ms, std::min(kPatience - used, catch_up_.time));
        if (!done.ok()) begin_anew(rule, end, now_ms, done.error().message);
    }
    if (evaluation_.watches_silence()) {
        const auto clients = query::clients(store_, now_ms);
        if (clients.ok()) evaluation_.on_seen(*clients);
        if (!clients.ok())
            log_event(LogLevel::warning, "alerts: clients could not be read",
                      {{"why", clients.error().message}});
    }
    // The changes up to there may still be told.
    evaluation_.skip_to(end);
    position_ = std::max(*position_, end);
    write(true);
}

Result<void> Alerts::catch_up(const AlertRulePtr& rule, ChangeNumber end, std::int64_t state_ms,
                              std::int64_t now_ms, Milliseconds patience) {
    if (patience.count() <= 0) return Error{Code::deadline_exceeded, "other rules took too long"};
    AlertReplay replay;
    replay.rule = rule;
    replay.state = evaluation_.state(rule->id);
    replay.state_ms = state_ms;
    replay.from_ms = std::max(state_ms + 1, now_ms - needed_ms(*rule));
    replay.to_ms = std::max(now_ms, replay.from_ms) + 1;
    replay.most_alerts = kMaxAlertsWaiting;
    query::Execution execution({patience, catch_up_.lines, catch_up_.memory_bytes});
    NM_ASSIGN(AlertReplayed replayed, replay_alerts(store_, replay, execution));
    if (!execution.stats.stopped_by.empty())
        return Error{Code::limit_exceeded, "there are too many lines to be read again"};
    metrics_.alerts_lost += static_cast<std::int64_t>(replayed.left_out);
    replayed.state.from = end;
    NM_TRY(evaluation_.set(rule, std::move(replayed.state)));
    for (const Alert& alert : replayed.alerts) journal_.add(alert);
    return {};
}

void Alerts::begin_anew(const AlertRulePtr& rule, ChangeNumber end, std::int64_t now_ms,
                        const std::string& why) {
    ++metrics_.alert_rules_reset;
    log_event(LogLevel::warning, "alert rule begins anew", {{"rule", rule->id}, {"why", why}});
    evaluation_.remove(rule->id, rule->id + ": resolved, the rule begins anew", now_ms);
    const Result<void> set = evaluation_.set(rule, {end, alert_rule_mark(rule->text), {}});
    if (!set.ok())
        log_event(LogLevel::error, "alert rule not used", {{"rule", rule->id}, {"why", set.error().message}});
    Alert alert;
    alert.rule = rule;
    alert.state = AlertStateKind::reset;
    alert.time_ms = alert.since_ms = now_ms;
    alert.text = valid_text(rule->id + ": begins anew, what was written before is not known: " + why,
                            2 * kMaxAlertSampleBytes);
    alert.change = end;
    alert.seal();
    journal_.add(alert);
}

}  // namespace nmstore::server
