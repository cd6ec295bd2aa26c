// Alerts: what is done where changes are not kept any more when they would be evaluated. What they brought is
// read from the store, by the lines' own times, as far as a rule needs it.
#include <algorithm>

#include "query/execution.h"
#include "query/inventory.h"
#include "server/alerts.h"
#include "server/log.h"

namespace nmstore::server {
namespace {

using Milliseconds = std::chrono::milliseconds;

// All the while nothing else is evaluated.
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
    {
        const std::lock_guard guard(mutex_);
        ++metrics_.alert_gaps;
        catching_up_ = true;
    }
    log_event(LogLevel::warning, "alerts: changes are not kept any more, the store is read in their place",
              {{"from", std::to_string(from)}, {"to", std::to_string(first)}});
    // What is committed while the store is read may be counted twice, and is not missed.
    catch_up(std::max(first, store_.changes().end));
}

void Alerts::catch_up(ChangeNumber end) {
    const auto begin = std::chrono::steady_clock::now();
    std::int64_t now_ms = 0;
    std::vector<AlertRulePtr> rules;
    std::int64_t state_ms = 0;
    bool watches_silence = false;
    {
        const std::lock_guard guard(mutex_);
        now_ms = now();
        state_ms = evaluation_.time_ms();
        watches_silence = evaluation_.watches_silence();
        for (const auto& [id, rule] : rules_) {
            if (rule->enabled && rule->kind != AlertKind::silent) rules.push_back(rule);
        }
    }
    for (const AlertRulePtr& rule : rules) {
        const auto used = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
        catch_up(rule, end, state_ms, now_ms, std::min(kPatience - used, catch_up_.time));
    }
    Result<std::vector<query::ClientInfo>> clients = std::vector<query::ClientInfo>();
    if (watches_silence) clients = query::clients(store_, now_ms);
    if (!clients.ok())
        log_event(LogLevel::warning, "alerts: clients could not be read", {{"why", clients.error().message}});
    const std::lock_guard guard(mutex_);
    if (clients.ok()) evaluation_.on_seen(*clients);
    // The changes up to there may still be told.
    evaluation_.skip_to(end);
    position_ = std::max(*position_, end);
    catching_up_ = save_is_due_ = false;
    write(true);
}

void Alerts::catch_up(const AlertRulePtr& rule, ChangeNumber end, std::int64_t state_ms, std::int64_t now_ms,
                      Milliseconds patience) {
    AlertState state;
    {
        const std::lock_guard guard(mutex_);
        if (!is_there(rule)) return;
        state = evaluation_.state(rule->id);
    }
    auto replayed = read_again(rule, std::move(state), state_ms, now_ms, patience);
    const std::lock_guard guard(mutex_);
    // One that was set meanwhile begins with what has come since.
    if (!is_there(rule)) return;
    if (replayed.ok()) return take(rule, end, std::move(*replayed));
    begin_anew(rule, end, now_ms, replayed.error().message);
}

bool Alerts::is_there(const AlertRulePtr& rule) const {
    const auto at = rules_.find(rule->id);
    return at != rules_.end() && at->second == rule;
}

Result<AlertReplayed> Alerts::read_again(const AlertRulePtr& rule, AlertState state, std::int64_t state_ms,
                                         std::int64_t now_ms, Milliseconds patience) const {
    if (patience.count() <= 0) return Error{Code::deadline_exceeded, "other rules took too long"};
    AlertReplay replay;
    replay.rule = rule;
    replay.state = std::move(state);
    replay.state_ms = state_ms;
    replay.from_ms = std::max(state_ms + 1, now_ms - needed_ms(*rule));
    replay.to_ms = std::max(now_ms, replay.from_ms) + 1;
    replay.most_alerts = kMaxAlertsWaiting;
    query::Execution execution({patience, catch_up_.lines, catch_up_.memory_bytes});
    NM_ASSIGN(AlertReplayed replayed, replay_alerts(store_, replay, execution));
    if (!execution.stats.stopped_by.empty())
        return Error{Code::limit_exceeded, "there are too many lines to be read again"};
    return replayed;
}

void Alerts::take(const AlertRulePtr& rule, ChangeNumber end, AlertReplayed replayed) {
    replayed.state.from = end;
    const Result<void> set = evaluation_.set(rule, std::move(replayed.state));
    if (!set.ok()) return begin_anew(rule, end, clock_.now_ms(), set.error().message);
    metrics_.alerts_lost += static_cast<std::int64_t>(replayed.left_out);
    for (const Alert& alert : replayed.alerts) journal_.add(alert);
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
