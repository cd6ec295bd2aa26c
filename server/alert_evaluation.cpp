#include "server/alert_evaluation.h"

#include <algorithm>

#include "query/index_row.h"
#include "query/level.h"
#include "query/matcher.h"
#include "server/log.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kTagsRow = "client-tags";
constexpr std::string_view kClientsRow = "clients";

RowKind kind_of_name(std::string_view name) {
    for (const RowKind kind : {RowKind::logs, RowKind::plugins, RowKind::alerts}) {
        if (row_kind_name(kind) == name) return kind;
    }
    return RowKind::other;
}

}  // namespace

AlertEvaluation::AlertEvaluation(const Store& store, std::int64_t start_ms, Emit emit)
    : store_(store), start_ms_(start_ms), emit_(std::move(emit)) {}

// ---- Rules --------------------------------------------------------------------------------------

Result<void> AlertEvaluation::set(AlertRulePtr rule, AlertState state) {
    auto ruled = std::make_unique<Ruled>();
    ruled->rule = rule;
    ruled->serial = ++last_serial_;
    ruled->changed = true;
    ruled->changed_parts.set();
    if (rule->enabled && (rule->kind == AlertKind::lines || rule->kind == AlertKind::severe)) {
        const std::shared_ptr<const query::Filter> severe = severe_filter();
        const query::Filter& filter = rule->filter ? *rule->filter : *severe;
        NM_TRY(standing_.add(ruled->serial, filter, [this](std::string_view client) {
            const auto tag = tags_.find(std::string(client));
            return tag == tags_.end() ? std::vector<std::string>{} : std::vector<std::string>{tag->second};
        }));
    }
    if (const auto old = rules_.find(rule->id); old != rules_.end()) remove(rule->id, "", time_ms_);
    Ruled& kept = *(rules_[rule->id] = std::move(ruled));
    if (!rule->enabled) {
        kept.state.from = state.from;
        kept.state.rule = std::move(state.rule);
        return {};
    }
    kept.state = std::move(state);
    by_serial_[kept.serial] = &kept;
    for (auto& [key, group] : kept.state.groups) {
        group.serial = ++last_serial_;
        if (group.firing) ++firing_;
        if (group.due_ms != kNeverDue) dues_.insert({group.due_ms, group.serial, &kept, &group});
    }
    if (rule->kind == AlertKind::reading) readings_.push_back(&kept);
    readings_of_row_.clear();
    if (rule->kind != AlertKind::silent) return {};
    silents_.push_back(&kept);
    for (const auto& [key, group] : kept.state.groups)
        clients_.try_emplace(group.client, Seen{group.since_ms, group.listed});
    for (const auto& [client, seen] : clients_) watch(kept, client, seen.last_ms);
    return {};
}

void AlertEvaluation::remove(const std::string& id, std::string_view reason, std::int64_t time_ms) {
    const auto at = rules_.find(id);
    if (at == rules_.end()) return;
    Ruled& ruled = *at->second;
    time_ms_ = std::max(time_ms_, time_ms);
    change_ = 0;
    while (!ruled.state.groups.empty()) {
        AlertGroup& group = ruled.state.groups.begin()->second;
        const bool resolves = group.firing && ruled.rule->kind != AlertKind::severe && !reason.empty();
        if (resolves) tell(ruled, group, false, std::string(reason));
        forget(ruled, group);
    }
    standing_.remove(ruled.serial);
    by_serial_.erase(ruled.serial);
    std::erase(readings_, &ruled);
    std::erase(silents_, &ruled);
    readings_of_row_.clear();
    rules_.erase(at);
}

void AlertEvaluation::resolve(const AlertRulePtr& rule, const AlertState& state, std::string_view reason,
                              std::int64_t time_ms) {
    Ruled left;
    left.rule = rule;
    time_ms_ = std::max(time_ms_, time_ms);
    for (const auto& [key, group] : state.groups) {
        if (group.firing) tell(left, group, false, std::string(reason));
    }
}

bool AlertEvaluation::fits_client(const std::string& glob, const std::string& client) const {
    if (query::glob_matches(glob, client)) return true;
    const auto tag = tags_.find(client);
    return tag != tags_.end() && !tag->second.empty() && query::glob_matches(glob, tag->second);
}

// ---- Groups -------------------------------------------------------------------------------------

// nullptr: there are too many.
AlertGroup* AlertEvaluation::group_of(Ruled& ruled, const std::string& key, std::size_t most) {
    auto& groups = ruled.state.groups;
    const auto known = groups.find(key);
    if (known != groups.end()) return &known->second;
    if (groups.size() >= most) {
        ++groups_left_out_;
        return nullptr;
    }
    AlertGroup& group = groups[key];
    group.key = key;
    group.serial = ++last_serial_;
    return &group;
}

void AlertEvaluation::note_change(Ruled& ruled, const AlertGroup& group) {
    ruled.changed = true;
    ruled.changed_parts.set(alert_state_part(group.key));
}

void AlertEvaluation::forget(Ruled& ruled, AlertGroup& group) {
    note_change(ruled, group);
    schedule(ruled, group, kNeverDue);
    set_firing(group, false);
    const std::string key = group.key;
    ruled.state.groups.erase(key);
}

void AlertEvaluation::schedule(Ruled& ruled, AlertGroup& group, std::int64_t due_ms) {
    note_change(ruled, group);
    if (group.due_ms == due_ms) return;
    dues_.erase({group.due_ms, group.serial, &ruled, &group});
    group.due_ms = due_ms;
    if (due_ms != kNeverDue) dues_.insert({due_ms, group.serial, &ruled, &group});
}

void AlertEvaluation::set_firing(AlertGroup& group, bool firing) {
    if (group.firing == firing) return;
    group.firing = firing;
    firing_ = firing ? firing_ + 1 : firing_ - 1;
}

void AlertEvaluation::tell(Ruled& ruled, const AlertGroup& group, bool firing, std::string text) {
    Alert alert;
    alert.rule = ruled.rule;
    alert.state = firing ? AlertStateKind::firing : AlertStateKind::resolved;
    alert.time_ms = time_ms_;
    alert.since_ms = group.since_ms;
    alert.group = group.key;
    alert.client = group.client;
    alert.log = group.log;
    alert.field = group.field;
    alert.sample = group.sample;
    if (ruled.rule->kind == AlertKind::lines) alert.count = group.total;
    if (ruled.rule->kind == AlertKind::severe) alert.count = std::max<std::uint64_t>(1, group.total);
    if (ruled.rule->kind == AlertKind::reading) alert.reading = group.value;
    alert.text = valid_text(text, 2 * kMaxAlertSampleBytes);
    alert.change = change_;
    alert.seal();
    note_change(ruled, group);
    emit_(std::move(alert));
}

// ---- What comes ---------------------------------------------------------------------------------

void AlertEvaluation::on_row(const Change& change, const ChangedRow& changed, const LogRow& row,
                             std::int64_t time_ms) {
    if (row.kind == RowKind::alerts) return;  // else an alert could lead to the next
    advance(time_ms);
    change_ = change.number;
    if (!silents_.empty() && !row.client.empty()) client_seen(valid_text(row.client, SIZE_MAX), time_ms_);
    const bool skips = change.number < skip_to_;
    if (!skips && !standing_.empty()) match_lines(change, changed, row);
    if (!skips && !readings_.empty() && row.kind == RowKind::plugins) read_readings(change, changed, row);
    change_ = 0;
}

void AlertEvaluation::match_lines(const Change& change, const ChangedRow& changed, const LogRow& row) {
    std::map<std::uint64_t, Matched> matched;
    Severe severe;
    std::optional<Severe::Text> severe_half;
    Ruled* severe_rule = nullptr;
    const auto each = [&](query::StandingQueries::Id id, const Line& line) {
        Ruled& ruled = *by_serial_.at(id);
        if (too_early(ruled)) return;
        const bool is_posted = line.id.sequence == 0;
        if (is_posted && told_lines_.has_been_told(ruled.serial, line.id, line.text)) return;
        if (ruled.rule->kind == AlertKind::severe) {
            if (row.kind != RowKind::logs) return;
            if (!query::is_severe(line)) {
                if (!line.half) severe_half_ended(ruled, line);
                return;
            }
            severe_rule = &ruled;
            severe_line(ruled, line, severe, severe_half);
            return;
        }
        if (has_counted(ruled, line)) return;
        Matched& of_rule = matched[id];
        if (++of_rule.lines > 1 && of_rule.id < line.id) return;
        of_rule.id = line.id;
        of_rule.sample = valid_text(line.text, kMaxAlertSampleBytes);
    };
    const Result<void> asked = standing_.match_changed(store_, change, changed, row, each);
    if (!asked.ok()) {
        ++failures_;
        log_event(LogLevel::warning, "alerts: a change could not be read",
                  {{"row", row.key}, {"why", asked.error().message}});
    }
    for (const auto& [id, of_rule] : matched) lines_came(*by_serial_.at(id), of_rule, row);
    if (severe_rule == nullptr) return;
    severe_came(*severe_rule, severe, Source(row));
    if (severe_half) severe_half_came(*severe_rule, *severe_half, row);
}

void AlertEvaluation::on_stored(const query::Entry& entry) {
    LogRow row;
    row.id = entry.id.row;
    row.kind = kind_of_name(entry.kind);
    if (row.kind == RowKind::alerts) return;
    row.client = entry.client;
    row.log = entry.log;
    Line line;
    line.id = entry.id;
    line.row = &row;
    line.text = entry.line;
    line.fields = entry.fields;
    advance(entry.id.time_ms);
    for (const auto& [id, ruled] : rules_) {
        if (!ruled->rule->enabled) continue;
        switch (ruled->rule->kind) {
            case AlertKind::lines:
                lines_came(*ruled, {1, line.id, valid_text(line.text, kMaxAlertSampleBytes)}, row);
                break;
            case AlertKind::reading:
                stored_readings(*ruled, line);
                break;
            case AlertKind::silent:
                break;
            case AlertKind::severe:
                if (row.kind != RowKind::logs || !query::is_severe(line)) break;
                Severe severe;
                severe.add(line.id, line.text);
                severe_came(*ruled, severe, Source(row));
                break;
        }
    }
}

// ---- What is due --------------------------------------------------------------------------------

bool AlertEvaluation::advance(std::int64_t to_ms, std::size_t most) {
    change_ = 0;
    for (std::size_t done = 0; !dues_.empty() && std::get<0>(*dues_.begin()) <= to_ms; ++done) {
        if (done == most) return false;
        const auto [due_ms, serial, ruled, group] = *dues_.begin();
        time_ms_ = std::max(time_ms_, due_ms);
        schedule(*ruled, *group, kNeverDue);
        switch (ruled->rule->kind) {
            case AlertKind::lines:
                lines_due(*ruled, *group);
                break;
            case AlertKind::reading:
                reading_due(*ruled, *group);
                break;
            case AlertKind::silent:
                silent_due(*ruled, *group);
                break;
            case AlertKind::severe:
                severe_due(*ruled, *group);
                break;
        }
    }
    time_ms_ = std::max(time_ms_, to_ms);
    return true;
}

void AlertEvaluation::look_at_clients(std::int64_t now_ms) {
    if (auto tags = query::index_texts(store_, kTagsRow); tags.ok() && *tags != tags_) {
        tags_ = std::move(*tags);
        standing_.forget_rows();
        readings_of_row_.clear();
        tags_changed();
    }
    if (silents_.empty()) {
        clients_.clear();
        return;
    }
    ++looks_;
    std::vector<std::pair<std::string, std::int64_t>> fresh, later;
    bool too_many = false;
    const Result<void> read = query::each_index_cell(store_, kClientsRow, [&](const Cell& cell) {
        std::string client = valid_text(cell.column, SIZE_MAX);
        const std::int64_t told_ms = query::index_time(cell.value);
        const std::int64_t last_ms = std::min(told_ms, now_ms);
        const auto known = clients_.find(client);
        if (known == clients_.end()) {
            if (clients_.size() + fresh.size() < kMaxClientsWatched) {
                fresh.emplace_back(std::move(client), told_ms);
            } else {
                too_many = true;
            }
            return;
        }
        known->second.look = looks_;
        if (!known->second.listed) note_listed(client, known->second);
        // An agent says that it is there though it has nothing to tell, or another hub has heard it. One
        // whose clock is ahead has said so only if it says something else than before.
        const std::int64_t before_ms = std::exchange(known->second.told_ms, told_ms);
        const bool is_new = told_ms != before_ms && (told_ms <= now_ms || before_ms != 0);
        if (is_new && last_ms > known->second.last_ms) later.emplace_back(std::move(client), last_ms);
    });
    if (!read.ok()) return;
    std::vector<std::string> gone;
    for (const auto& [client, seen] : clients_) {
        if (seen.listed && seen.look != looks_) gone.push_back(client);
    }
    for (const std::string& client : gone) client_removed(client);
    for (const auto& [client, told_ms] : fresh) {
        add_client(client, std::min(told_ms, now_ms), true);
        clients_[client].told_ms = told_ms;
    }
    for (const auto& [client, last_ms] : later) client_seen(client, last_ms);
    if (too_many) ++groups_left_out_;
}

void AlertEvaluation::note_listed(const std::string& client, Seen& seen) {
    seen.listed = true;
    for (Ruled* ruled : silents_) {
        const auto group = ruled->state.groups.find(client);
        if (group == ruled->state.groups.end()) continue;
        group->second.listed = true;
        if (group->second.firing) note_change(*ruled, group->second);
    }
}

// Of what does not fire: who has another tag may be another rule's. What fires ends as it would have.
void AlertEvaluation::tags_changed() {
    for (Ruled* ruled : silents_) {
        std::vector<AlertGroup*> gone;
        for (auto& [key, group] : ruled->state.groups) {
            if (!group.firing && !fits_client(ruled->rule->client, group.client)) gone.push_back(&group);
        }
        for (AlertGroup* group : gone) forget(*ruled, *group);
        for (const auto& [client, seen] : clients_) watch(*ruled, client, seen.last_ms);
    }
}

// ---- What it knows ------------------------------------------------------------------------------

std::vector<Store::Note> AlertEvaluation::state_notes(const std::string& id,
                                                      const AlertStateParts& parts) const {
    const auto at = rules_.find(id);
    if (at == rules_.end()) return no_alert_state_notes(id);
    return alert_state_notes(id, at->second->state, at->second->rule->kind == AlertKind::silent, parts);
}

AlertState AlertEvaluation::state(const std::string& id) const {
    const auto at = rules_.find(id);
    return at == rules_.end() ? AlertState{} : at->second->state;
}

std::map<std::string, AlertStateParts> AlertEvaluation::take_changed() {
    std::map<std::string, AlertStateParts> changed;
    for (auto& [id, ruled] : rules_) {
        if (!std::exchange(ruled->changed, false)) continue;
        changed[id] = std::exchange(ruled->changed_parts, {});
    }
    return changed;
}

void AlertEvaluation::each_firing(
    const std::function<void(const AlertRule&, const AlertGroup&)>& each) const {
    for (const auto& [id, ruled] : rules_) {
        for (const auto& [key, group] : ruled->state.groups) {
            if (group.firing) each(*ruled->rule, group);
        }
    }
}

}  // namespace nmstore::server
