#include "server/alert_state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/alert.h"

namespace nmstore::server {

using Json = nlohmann::json;

void AlertGroup::add(std::int64_t time_ms, std::int64_t within_ms, std::uint64_t n) {
    const std::int64_t slot_ms = std::max<std::int64_t>(1, within_ms / kAlertSlots);
    if (!slots.empty() && slots.back().first / slot_ms == time_ms / slot_ms) {
        slots.back().first = time_ms;
        slots.back().second += n;
    } else {
        slots.emplace_back(time_ms, n);
    }
    total += n;
}

void AlertGroup::forget(std::int64_t time_ms) {
    while (!slots.empty() && slots.front().first <= time_ms) {
        total -= slots.front().second;
        slots.pop_front();
    }
}

std::int64_t AlertGroup::last_needed_ms(std::uint64_t count) const {
    std::uint64_t left = total;
    for (const auto& [time_ms, n] : slots) {
        left -= n;
        if (left < count) return time_ms;
    }
    return 0;
}

std::string alert_rule_mark(std::string_view text) {
    return hex_digest(text);
}

std::string alert_state_text(const AlertState& state, bool firing_only) {
    Json groups = Json::array();
    for (const auto& [key, group] : state.groups) {
        if (firing_only && !group.firing) continue;
        Json one{{"key", key}, {"client", group.client}, {"log", group.log}};
        if (group.firing) one["since"] = group.since_ms;
        if (group.due_ms != kNeverDue) one["due"] = group.due_ms;
        if (!group.field.empty()) one["field"] = group.field;
        if (!group.slots.empty()) one["slots"] = group.slots;
        if (group.total > 0) one["total"] = group.total;
        if (!group.sample.empty()) one["sample"] = group.sample;
        if (group.last_ms != 0) {
            one["over"] = group.over_ms;
            one["back"] = group.back_ms;
            one["last"] = group.last_ms;
            one["value"] = group.value;
        }
        if (group.listed) one["listed"] = true;
        groups.push_back(std::move(one));
    }
    const Json object{{"from", state.from}, {"rule", state.rule}, {"groups", std::move(groups)}};
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<AlertState> parse_alert_state(std::string_view text) {
    try {
        const Json object = Json::parse(text);
        AlertState state;
        state.from = object.at("from").get<ChangeNumber>();
        state.rule = object.value("rule", "");
        for (const Json& one : object.at("groups")) {
            AlertGroup group;
            group.key = one.at("key").get<std::string>();
            group.client = one.value("client", "");
            group.log = one.value("log", "");
            group.field = one.value("field", "");
            group.firing = one.contains("since");
            group.since_ms = one.value("since", std::int64_t{0});
            group.due_ms = one.value("due", kNeverDue);
            if (one.contains("slots")) one.at("slots").get_to(group.slots);
            group.total = one.value("total", std::uint64_t{0});
            group.sample = one.value("sample", "");
            group.over_ms = one.value("over", std::int64_t{0});
            group.back_ms = one.value("back", std::int64_t{0});
            group.last_ms = one.value("last", std::int64_t{0});
            group.value = one.value("value", 0.0);
            group.listed = one.value("listed", false);
            std::string key = group.key;
            state.groups.insert_or_assign(std::move(key), std::move(group));
        }
        return state;
    } catch (const Json::exception&) {
        return Error{Code::corruption, "the kept state of an alert rule cannot be read"};
    }
}

}  // namespace nmstore::server
