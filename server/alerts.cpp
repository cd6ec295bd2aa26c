#include "server/alerts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/log.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kRules = "alert rules";
constexpr std::string_view kStates = "alert state";
constexpr std::string_view kPosition = "#position";  // no rule can be called so

// A commit has its time a little before it is told of: time is moved on only so far.
constexpr std::int64_t kSettleMs = 500;
// Less is waited for: commits that stand in line for the disk have times that differ as much.
constexpr std::int64_t kAheadMs = 5'000;
constexpr std::int64_t kSaveEveryMs = 2'000;
constexpr std::int64_t kSavePositionEveryMs = 60'000;  // where nothing else is to be saved
constexpr std::int64_t kLookEveryMs = 5'000;           // at the list of clients
constexpr std::int64_t kWriteEveryMs = 200;            // while changes come one behind the other
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::size_t kWriteAt = 200;
constexpr std::size_t kDueAtOnce = 1'000;

}  // namespace

Alerts::Alerts(Store& store, const Clock& clock, Metrics& metrics, Webhooks::Post post,
               const query::Limits& catch_up)
    : store_(store),
      clock_(clock),
      jump_(clock),
      metrics_(metrics),
      catch_up_(catch_up),
      webhooks_(store, clock, metrics, std::move(post)),
      journal_(store, kStates, webhooks_, metrics),
      evaluation_(store, clock.now_ms(), [this](const Alert& alert) { journal_.add(alert); }) {}

Alerts::~Alerts() {
    stop();
}

void Alerts::stop() {
    const std::lock_guard guard(mutex_);
    if (std::exchange(stopped_, true)) return;
    failed_ms_ = 0;
    write(true);
    webhooks_.stop();
}

// ---- Loading ------------------------------------------------------------------------------------

Result<std::unique_ptr<Alerts>> Alerts::open(Store& store, const Clock& clock, Metrics& metrics,
                                             Webhooks::Post post, const query::Limits& catch_up) {
    std::unique_ptr<Alerts> alerts(new Alerts(store, clock, metrics, std::move(post), catch_up));
    NM_TRY(alerts->load());
    return alerts;
}

AlertRulePtr Alerts::severe_rule() const {
    auto rule = std::make_shared<AlertRule>();
    rule->id = kSevereRule;
    rule->kind = AlertKind::severe;
    return rule;
}

Result<void> Alerts::load_rules() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kRules));
    for (const Store::Note& note : notes) {
        auto rule = parse_alert_rule(note.name, note.text.value_or(""));
        if (rule.ok()) {
            rules_[note.name] = std::make_shared<const AlertRule>(std::move(*rule));
        } else {
            unread_.insert(note.name);
            log_event(LogLevel::error, "alert rule not read",
                      {{"rule", note.name}, {"why", rule.error().message}});
        }
    }
    if (!rules_.contains(std::string(kSevereRule))) rules_[std::string(kSevereRule)] = severe_rule();
    return {};
}

// Also where the evaluation stands, and alerts that were not written yet.
Result<std::map<std::string, AlertState>> Alerts::load_states() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kStates));
    std::map<std::string, AlertState> states;
    std::set<std::string> with_head;
    for (const Store::Note& note : notes) {
        if (note.name == kPosition) {
            const Json position = Json::parse(note.text.value_or(""), nullptr, false);
            if (!position.is_object() || !position.contains("next") || !position["next"].is_number_unsigned())
                continue;
            position_ = position["next"].get<ChangeNumber>();
            if (position.contains("time") && position["time"].is_number_integer())
                evaluation_.start_at(position["time"].get<std::int64_t>());
            continue;
        }
        const Result<bool> alert = journal_.take_up(note);
        if (alert.ok() && *alert) continue;
        const AlertStateNote of = alert_state_note(note.name);
        const Result<bool> added =
            alert.ok() ? add_alert_state(of, note.text.value_or(""), states[of.id]) : alert.error();
        if (added.ok() && !of.is_part) with_head.insert(of.id);
        if (added.ok() && *added && !unread_.contains(of.id)) unsaved_[of.id].set();
        if (!added.ok())
            log_event(LogLevel::error, "alert state not read",
                      {{"note", note.name}, {"why", added.error().message}});
    }
    std::erase_if(states, [&](const auto& state) {
        if (with_head.contains(state.first) || unread_.contains(state.first)) return false;
        unsaved_[state.first].set();  // what is left of it goes
        return true;
    });
    return states;
}

Result<void> Alerts::load() {
    NM_TRY(load_rules());
    NM_ASSIGN(auto states, load_states());
    const bool is_new = !position_;
    if (is_new) position_ = store_.changes().end;
    saved_position_ = *position_;
    saved_ms_ = clock_.now_ms();
    const bool was_ahead = evaluation_.time_ms() > saved_ms_ + kAheadMs;
    if (was_ahead) evaluation_.start_at(saved_ms_);
    evaluation_.look_at_clients(saved_ms_);  // for the tags
    for (const auto& [id, rule] : rules_) {
        webhooks_.set_receiver(id, rule->url, rule->secret);
        const Result<void> set = load_rule(rule, states);
        if (!set.ok())
            log_event(LogLevel::error, "alert rule not used", {{"rule", id}, {"why", set.error().message}});
    }
    (void)evaluation_.take_changed();
    if (was_ahead) set_back(saved_ms_);
    resolve_left(states);
    tell_numbers();
    // What comes from here on is not to be forgotten, whenever the server ends.
    if (is_new) (void)save();
    return webhooks_.start();
}

// Takes the rule's state out of them.
Result<void> Alerts::load_rule(const AlertRulePtr& rule, std::map<std::string, AlertState>& states) {
    const std::string mark = alert_rule_mark(rule->text);
    AlertState state{store_.changes().end, mark, {}};
    if (const auto kept = states.find(rule->id); kept != states.end()) {
        const bool same = kept->second.rule.empty() || kept->second.rule == mark;
        if (same) {
            state = std::move(kept->second);
            state.rule = mark;
        } else {  // the server ended before what the change of the rule led to was written
            unsaved_[rule->id].set();
            if (rule->kind != AlertKind::severe)
                evaluation_.resolve(rule, kept->second, rule->id + ": resolved, the rule was changed",
                                    clock_.now_ms());
        }
        states.erase(kept);
    } else if (rule->text.empty()) {
        state.from = *position_;  // the rule `severe` was there all the time
    }
    return evaluation_.set(rule, std::move(state));
}

// States of rules that are not there any more. What cannot be read now may be a rule again.
void Alerts::resolve_left(const std::map<std::string, AlertState>& states) {
    for (const auto& [id, state] : states) {
        if (unread_.contains(id)) continue;
        auto rule = std::make_shared<AlertRule>();
        rule->id = id;
        rule->kind = AlertKind::silent;
        evaluation_.resolve(rule, state, id + ": resolved, the rule was removed", clock_.now_ms());
        unsaved_[id].set();
    }
}

// ---- Rules --------------------------------------------------------------------------------------

std::vector<AlertRulePtr> Alerts::rules() const {
    const std::lock_guard guard(mutex_);
    std::vector<AlertRulePtr> all;
    for (const auto& [id, rule] : rules_) all.push_back(rule);
    return all;
}

AlertRulePtr Alerts::rule(const std::string& id) const {
    const std::lock_guard guard(mutex_);
    const auto at = rules_.find(id);
    return at == rules_.end() ? nullptr : at->second;
}

std::vector<Alerts::Firing> Alerts::firing() const {
    const std::lock_guard guard(mutex_);
    std::vector<Firing> all;
    evaluation_.each_firing([&](const AlertRule& rule, const AlertGroup& group) {
        all.push_back({rules_.at(rule.id), group.client, group.log, group.field, group.sample, group.since_ms,
                       rule.kind == AlertKind::lines ? group.total : 0});
    });
    return all;
}

Result<AlertRulePtr> Alerts::set_rule(const std::string& id, std::string_view text,
                                      std::optional<std::size_t>* column) {
    const std::lock_guard guard(mutex_);
    const auto old = rules_.find(id);
    const auto merged = with_old_secret(text, old == rules_.end() ? nullptr : old->second.get());
    if (!merged.ok()) {
        NM_TRY(parse_alert_rule(id, text, column));  // which tells where
        return merged.error();
    }
    const std::string& whole = *merged;
    NM_ASSIGN(AlertRule parsed, parse_alert_rule(id, whole, column));
    if (old == rules_.end() && rules_.size() >= kMaxAlertRules) {
        return Error{Code::limit_exceeded,
                     "there are " + std::to_string(kMaxAlertRules) + " alert rules already"};
    }
    if (old != rules_.end() && old->second->text == whole) return old->second;
    const auto rule = std::make_shared<const AlertRule>(std::move(parsed));
    // What is known of the rule as it was stays in its note until all that this leads to is written in one
    // step; until then it is known from the mark that it is another rule's.
    NM_TRY(store_.put_notes(kRules, {{id, rule->text}}));
    const AlertState state{store_.changes().end, alert_rule_mark(rule->text), {}};
    evaluation_.remove(id, id + ": resolved, the rule was changed", now());
    rules_[id] = rule;
    webhooks_.set_receiver(id, rule->url, rule->secret);
    const Result<void> set = evaluation_.set(rule, state);
    write(true);
    NM_TRY(set);
    return AlertRulePtr(rule);
}

Result<void> Alerts::remove_rule(const std::string& id) {
    const std::lock_guard guard(mutex_);
    const auto at = rules_.find(id);
    if (at == rules_.end() || at->second->text.empty())
        return Error{Code::not_found, "there is no alert rule \"" + id + "\" that was set"};
    NM_TRY(store_.put_notes(kRules, {{id, std::nullopt}}));
    evaluation_.remove(id, id + ": resolved, the rule was removed", now());
    rules_.erase(at);
    webhooks_.set_receiver(id, "", "");
    unsaved_[id].set();
    Result<void> set;
    if (id == kSevereRule) {
        rules_[id] = severe_rule();
        set = evaluation_.set(rules_[id], {store_.changes().end, alert_rule_mark(""), {}});
    }
    write(true);
    return set;
}

// ---- Following ----------------------------------------------------------------------------------

std::int64_t Alerts::now() {
    const std::int64_t now_ms = clock_.now_ms();
    if (evaluation_.time_ms() > now_ms + kAheadMs) set_back(now_ms);
    // Nobody could be heard of in the time that was left out.
    if (jump_.take() != 0) evaluation_.listen_from(now_ms);
    return now_ms;
}

void Alerts::set_back(std::int64_t now_ms) {
    log_event(LogLevel::warning, "alerts: the clock was ahead and has been set right", {});
    evaluation_.set_back(now_ms);
}

// Not all at once: what is due may lead to more alerts than may wait.
void Alerts::advance(std::int64_t to_ms) {
    while (!evaluation_.advance(to_ms, kDueAtOnce)) {
        if (journal_.size() >= kWriteAt) write(false);
        if (journal_.full()) return;  // the time stands still until they can be written
    }
}

void Alerts::on_row(const Change& change, const ChangedRow& changed, const LogRow& row) {
    const std::lock_guard guard(mutex_);
    // Here what has been evaluated is still a whole number of changes, and can be saved as it is.
    if (std::exchange(telling_, change.number) != change.number) {
        telling_ms_ = std::min(change.time_ms, now());
        if (row.kind != RowKind::alerts) advance(telling_ms_);
    }
    in_change_ = true;
    // The hub at which it was written tells the alerts.
    if (!change.foreign) evaluation_.on_row(change, changed, row, telling_ms_);
}

void Alerts::on_end(const Change& change) {
    const std::lock_guard guard(mutex_);
    position_ = std::max(*position_, change.number + 1);
    in_change_ = false;
    if (std::exchange(save_is_due_, false)) return write(true);
    if (journal_.size() >= kWriteAt || clock_.now_ms() >= written_ms_ + kWriteEveryMs) write(false);
}

void Alerts::on_rest(ChangeNumber end) {
    const std::lock_guard guard(mutex_);
    position_ = std::max(end, *position_);
    const std::int64_t now_ms = now();
    const bool look = now_ms >= looked_ms_ + kLookEveryMs || now_ms < looked_ms_;
    if (look && !store_.stats().writable) evaluation_.listen_from(now_ms);
    advance(now_ms - kSettleMs);
    if (look) {
        looked_ms_ = now_ms;
        evaluation_.look_at_clients(now_ms);
    }
    write(false);
}

void Alerts::write(bool save_at_once) {
    // Half a change must not be saved, nor half of what stands in for changes: it would be evaluated again as
    // a whole.
    const bool is_half = in_change_ || catching_up_;
    save_is_due_ = save_is_due_ || (is_half && save_at_once);
    if (is_half) return;
    const std::int64_t now_ms = clock_.now_ms();
    written_ms_ = now_ms;
    for (const auto& [id, parts] : evaluation_.take_changed()) unsaved_[id] |= parts;
    tell_numbers();
    if (failed_ms_ != 0 && now_ms < failed_ms_ + kRetryMs && now_ms >= failed_ms_) return;
    const bool has_to = !unsaved_.empty()
                            ? now_ms >= saved_ms_ + kSaveEveryMs
                            : *position_ != saved_position_ && now_ms >= saved_ms_ + kSavePositionEveryMs;
    const bool back = now_ms < saved_ms_;  // the clock was set
    Result<void> done;
    // Alerts are saved with what led to them; only then may they be written.
    if (save_at_once || journal_.has_new() || has_to || back) done = save();
    if (done.ok()) done = journal_.write();
    if (!done.ok() && failed_ms_ == 0)
        log_event(LogLevel::warning, "alerts cannot be written", {{"why", done.error().message}});
    failed_ms_ = done.ok() ? 0 : now_ms;
}

// All that is known is of one moment: it is written together.
Result<void> Alerts::save() {
    std::vector<Store::Note> notes = journal_.notes();
    for (const auto& [id, parts] : unsaved_) {
        std::vector<Store::Note> of_rule = evaluation_.state_notes(id, parts);
        std::move(of_rule.begin(), of_rule.end(), std::back_inserter(notes));
    }
    notes.push_back(
        {std::string(kPosition), Json{{"next", *position_}, {"time", evaluation_.time_ms()}}.dump()});
    NM_TRY(store_.put_notes(kStates, notes));
    journal_.kept();
    unsaved_.clear();
    saved_position_ = *position_;
    saved_ms_ = clock_.now_ms();
    return {};
}

void Alerts::tell_numbers() {
    metrics_.alert_rules = static_cast<std::int64_t>(rules_.size());
    metrics_.alerts_firing = static_cast<std::int64_t>(evaluation_.firing());
    metrics_.alert_groups_left_out = static_cast<std::int64_t>(evaluation_.groups_left_out());
    metrics_.alert_failures = static_cast<std::int64_t>(evaluation_.failures());
}

}  // namespace nmstore::server
