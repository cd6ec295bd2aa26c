// AlertEvaluation: what each kind of rule makes of what comes, and of the time that passes.
#include <fmt/format.h>

#include <algorithm>

#include "query/index_row.h"
#include "query/matcher.h"
#include "server/alert_evaluation.h"
#include "server/alert_words.h"
#include "server/log.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kClientsRow = "clients";
constexpr std::size_t kMaxRows = 4096;           // remembered
constexpr std::size_t kMaxReadings = 1'000'000;  // of a row's change

// The agents' own time is no reading unless it is asked for.
bool is_field_of(const AlertRule& rule, const std::string& field) {
    return field == "date" ? rule.field == field : query::glob_matches(rule.field, field);
}

}  // namespace

// ---- Lines --------------------------------------------------------------------------------------

void AlertEvaluation::lines_came(Ruled& ruled, const Matched& matched, const LogRow& row) {
    const AlertRule& rule = *ruled.rule;
    std::string client, log;
    if (rule.by != AlertGrouping::none) client = valid_text(row.client, SIZE_MAX);
    if (rule.by == AlertGrouping::log) log = valid_text(row.log, SIZE_MAX);
    AlertGroup* group = group_of(ruled, client + '\n' + log, kMaxAlertGroups);
    if (group == nullptr) return;
    group->client = client;
    group->log = log;
    group->add(time_ms_, rule.within_ms, matched.lines);
    group->forget(time_ms_ - rule.within_ms);
    group->sample = matched.sample;
    if (!group->firing && group->total >= rule.count) {
        set_firing(*group, true);
        group->since_ms = time_ms_;
        tell(ruled, *group, true,
             fmt::format("{}: {} lines{} within {}: {}", rule.id, group->total, of_group(*group),
                         span_text(rule.within_ms), group->sample));
    }
    schedule(
        ruled, *group,
        rule.within_ms + (group->firing ? group->last_needed_ms(rule.count) : group->slots.back().first));
}

void AlertEvaluation::lines_due(Ruled& ruled, AlertGroup& group) {
    const AlertRule& rule = *ruled.rule;
    group.forget(time_ms_ - rule.within_ms);
    if (group.firing && group.total < rule.count) {
        tell(ruled, group, false,
             fmt::format("{}: resolved{}, {} lines within {}", rule.id, of_group(group), group.total,
                         span_text(rule.within_ms)));
        set_firing(group, false);
    }
    if (group.slots.empty()) return forget(ruled, group);
    schedule(ruled, group,
             rule.within_ms + (group.firing ? group.last_needed_ms(rule.count) : group.slots.back().first));
}

bool AlertEvaluation::has_counted(Ruled& ruled, const Line& line) {
    HalfLines& half_lines = ruled.state.half_lines;
    if (!line.half && !half_lines.knows(line.id.row)) return false;
    ruled.changed = true;
    return line.half ? half_lines.add(line.id, time_ms_) : half_lines.end(line.id, line.ends_in_ms);
}

// ---- Readings -----------------------------------------------------------------------------------

bool AlertEvaluation::reads(const AlertRule& rule, const LogRow& row) const {
    return query::glob_matches(log_key_name(rule.plugin), log_key_name(row.log)) &&
           fits_client(rule.client, valid_text(row.client, SIZE_MAX));
}

void AlertEvaluation::stored_readings(Ruled& ruled, const Line& line) {
    if (line.row->kind != RowKind::plugins || !reads(*ruled.rule, *line.row)) return;
    fields_.scan(line.text);
    for (const query::ReadingField& field : fields_.fields()) {
        const std::string name = valid_text(field.name, SIZE_MAX);
        const auto number = query::reading_of(field.number.of(line.text), field.quoted);
        if (number && is_field_of(*ruled.rule, name)) reading_came(ruled, *line.row, name, number->value());
    }
}

void AlertEvaluation::read_readings(const Change& change, const ChangedRow& changed, const LogRow& row) {
    auto known = readings_of_row_.find(row.id);
    if (known == readings_of_row_.end()) {
        if (readings_of_row_.size() >= kMaxRows) readings_of_row_.clear();
        known = readings_of_row_.emplace(row.id, std::vector<Ruled*>()).first;
        for (Ruled* ruled : readings_) {
            if (reads(*ruled->rule, row)) known->second.push_back(ruled);
        }
    }
    if (known->second.empty()) return;
    struct Read {
        LineId id;
        std::string field;
        double value = 0;
    };
    std::vector<Read> read;
    const auto read_all = [&]() -> Result<void> {
        NM_ASSIGN(const auto lines, store_.changed_lines(change, changed, row));
        for (;;) {
            NM_ASSIGN(const bool found, lines->next());
            if (!found) return {};
            const std::string_view text = lines->line().text;
            fields_.scan(text);
            for (const query::ReadingField& field : fields_.fields()) {
                if (read.size() == kMaxReadings) return {};
                const auto number = query::reading_of(field.number.of(text), field.quoted);
                if (number)
                    read.push_back({lines->line().id, valid_text(field.name, SIZE_MAX), number->value()});
            }
        }
    };
    if (const Result<void> done = read_all(); !done.ok()) {
        ++failures_;
        log_event(LogLevel::warning, "alerts: a change could not be read",
                  {{"row", row.key}, {"why", done.error().message}});
    }
    std::stable_sort(read.begin(), read.end(), [](const Read& a, const Read& b) { return a.id < b.id; });
    for (Ruled* ruled : known->second) {
        if (too_early(*ruled)) continue;
        for (const Read& each : read) {
            if (is_field_of(*ruled->rule, each.field)) reading_came(*ruled, row, each.field, each.value);
        }
    }
}

void AlertEvaluation::reading_came(Ruled& ruled, const LogRow& row, const std::string& field, double value) {
    const AlertRule& rule = *ruled.rule;
    const bool over = rule.above ? value > rule.limit : value < rule.limit;
    const std::string client = valid_text(row.client, SIZE_MAX);
    const std::string plugin = valid_text(row.log, SIZE_MAX);
    const std::string key = client + '\n' + plugin + '\n' + field;
    if (!over && !ruled.state.groups.contains(key)) return;
    AlertGroup* group = group_of(ruled, key, kMaxAlertGroups);
    if (group == nullptr) return;
    group->client = client;
    group->log = plugin;
    group->field = field;
    group->value = value;
    // Of so long a time without any, as while the server was down, nobody knows what it would have been.
    if (group->last_ms != 0 && time_ms_ - group->last_ms > rule.stale_ms) group->over_ms = group->back_ms = 0;
    group->last_ms = time_ms_;
    if (over) {
        group->back_ms = 0;
        if (group->over_ms == 0) group->over_ms = time_ms_;
        if (!group->firing && time_ms_ - group->over_ms >= rule.for_ms) {
            set_firing(*group, true);
            group->since_ms = group->over_ms;
            tell(ruled, *group, true,
                 fmt::format("{}: reading{} is {}, {} {} for {}", rule.id, of_group(*group), value,
                             rule.above ? "above" : "below", rule.limit, span_text(rule.for_ms)));
        }
    } else {
        group->over_ms = 0;
        if (group->back_ms == 0) group->back_ms = time_ms_;
        if (!group->firing) return forget(ruled, *group);
        if (time_ms_ - group->back_ms >= rule.clear_ms) {
            tell(ruled, *group, false,
                 fmt::format("{}: resolved, reading{} is {}", rule.id, of_group(*group), value));
            return forget(ruled, *group);
        }
    }
    schedule(ruled, *group, time_ms_ + rule.stale_ms);
}

// Nothing was read for so long.
void AlertEvaluation::reading_due(Ruled& ruled, AlertGroup& group) {
    const std::int64_t due_ms = start_ms_ + ruled.rule->stale_ms;  // none could be read before
    if (due_ms > time_ms_) return schedule(ruled, group, due_ms);
    if (group.firing) {
        tell(ruled, group, false,
             fmt::format("{}: resolved, no reading{} any more", ruled.rule->id, of_group(group)));
    }
    forget(ruled, group);
}

// ---- Silent clients -----------------------------------------------------------------------------

std::int64_t AlertEvaluation::silent_after_ms(const AlertRule& rule, const std::string& client) const {
    for (const auto& [glob, after_ms] : rule.overrides) {
        if (fits_client(glob, client)) return after_ms;
    }
    return rule.after_ms;
}

// As `otherwise` says where that cannot be read.
bool AlertEvaluation::is_listed(const std::string& client, bool otherwise) const {
    const auto cell = store_.get(kIndexFamily, kClientsRow, client);
    return cell.ok() ? cell->has_value() : otherwise;
}

void AlertEvaluation::client_seen(const std::string& client, std::int64_t time_ms) {
    const auto known = clients_.find(client);
    if (known == clients_.end()) {
        if (clients_.size() >= kMaxClientsWatched) {
            ++groups_left_out_;
            return;
        }
        // Asked at once: it may be taken off the list before the list is looked at, and is forgotten only if
        // it is known to have been on it.
        return add_client(client, time_ms, is_listed(client, false));
    }
    known->second.last_ms = std::max(known->second.last_ms, time_ms);
    for (Ruled* ruled : silents_) {
        const auto at = ruled->state.groups.find(client);
        if (at == ruled->state.groups.end() || !at->second.firing || too_early(*ruled)) continue;
        tell(*ruled, at->second, false, fmt::format("{}: {} reports again", ruled->rule->id, client));
        set_firing(at->second, false);
        at->second.since_ms = 0;
        schedule(*ruled, at->second, std::max(time_ms, start_ms_) + silent_after_ms(*ruled->rule, client));
    }
}

void AlertEvaluation::on_seen(const std::vector<query::ClientInfo>& clients) {
    for (const query::ClientInfo& info : clients) {
        const std::string client = valid_text(info.client, SIZE_MAX);
        const auto known = clients_.find(client);
        if (known != clients_.end() && info.last_seen_ms > known->second.last_ms)
            client_seen(client, info.last_seen_ms);
    }
}

void AlertEvaluation::add_client(const std::string& client, std::int64_t last_ms, bool listed) {
    clients_[client] = Seen{last_ms, listed, listed ? looks_ : 0};
    for (Ruled* ruled : silents_) watch(*ruled, client, last_ms);
}

void AlertEvaluation::watch(Ruled& ruled, const std::string& client, std::int64_t last_ms) {
    if (ruled.state.groups.contains(client) || !fits_client(ruled.rule->client, client)) return;
    AlertGroup* group = group_of(ruled, client, kMaxSilentClients);
    if (group == nullptr) return;
    group->client = client;
    schedule(ruled, *group, std::max(last_ms, start_ms_) + silent_after_ms(*ruled.rule, client));
}

void AlertEvaluation::silent_due(Ruled& ruled, AlertGroup& group) {
    const auto seen = clients_.find(group.client);
    if (seen == clients_.end()) return forget(ruled, group);
    const std::int64_t after_ms = silent_after_ms(*ruled.rule, group.client);
    const std::int64_t due_ms = std::max(seen->second.last_ms, start_ms_) + after_ms;
    if (due_ms > time_ms_) return schedule(ruled, group, due_ms);
    // It may have been put on the list, or taken off it, since that was looked at.
    const bool listed = is_listed(group.client, seen->second.listed);
    if (seen->second.listed && !listed) {
        const std::string client = group.client;
        return client_removed(client);
    }
    group.listed = seen->second.listed = listed;
    group.since_ms = seen->second.last_ms;
    set_firing(group, true);
    tell(ruled, group, true,
         fmt::format("{}: {} has been silent for {}", ruled.rule->id, group.client, span_text(after_ms)));
}

void AlertEvaluation::client_removed(const std::string& client) {
    clients_.erase(client);
    for (Ruled* ruled : silents_) {
        const auto at = ruled->state.groups.find(client);
        if (at == ruled->state.groups.end()) continue;
        if (at->second.firing)
            tell(*ruled, at->second, false, fmt::format("{}: {} was removed", ruled->rule->id, client));
        forget(*ruled, at->second);
    }
}

}  // namespace nmstore::server
