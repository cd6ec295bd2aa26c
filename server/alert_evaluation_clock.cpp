// AlertEvaluation: a clock that was ahead and has been set right, as that of a machine that had just been
// switched on. What is known of moments that are still to come is taken to be of now.
#include <algorithm>

#include "server/alert_evaluation.h"

namespace nmstore::server {

void AlertEvaluation::set_back(std::int64_t now_ms) {
    time_ms_ = std::min(time_ms_, now_ms);
    start_ms_ = std::min(start_ms_, now_ms);
    for (auto& [client, seen] : clients_) seen.last_ms = std::min(seen.last_ms, now_ms);
    for (const auto& [id, ruled] : rules_) {
        ruled->state.half_lines.set_back(now_ms);
        ruled->changed = true;
        for (auto& [key, group] : ruled->state.groups) {
            group.set_back(now_ms);
            const bool is_due = group.due_ms != kNeverDue;
            schedule(*ruled, group,
                     is_due ? std::min(group.due_ms, latest_due_ms(*ruled, group)) : kNeverDue);
        }
    }
}

// When it is due if nothing comes any more.
std::int64_t AlertEvaluation::latest_due_ms(const Ruled& ruled, const AlertGroup& group) const {
    const AlertRule& rule = *ruled.rule;
    switch (rule.kind) {
        case AlertKind::lines:
            if (group.slots.empty()) break;
            return rule.within_ms +
                   (group.firing ? group.last_needed_ms(rule.count) : group.slots.back().first);
        case AlertKind::reading:
            return std::max(group.last_ms, start_ms_) + rule.stale_ms;
        case AlertKind::silent: {
            const auto seen = clients_.find(group.client);
            const std::int64_t last_ms = seen == clients_.end() ? start_ms_ : seen->second.last_ms;
            return std::max(last_ms, start_ms_) + silent_after_ms(rule, group.client);
        }
        case AlertKind::severe:
            return time_ms_ + severe_pause_ms(group);
    }
    return time_ms_;
}

}  // namespace nmstore::server
