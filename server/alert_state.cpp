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

void AlertGroup::set_back(std::int64_t time_ms) {
    for (std::int64_t* moment : {&since_ms, &over_ms, &back_ms, &last_ms})
        *moment = std::min(*moment, time_ms);
    for (auto slot = slots.rbegin(); slot != slots.rend() && slot->first > time_ms; ++slot)
        slot->first = time_ms;
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

namespace {

constexpr std::string_view kPart = "#groups ";  // no rule can be called so

Json json_of(const LineId& id) {
    return {id.time_ms, id.row, id.sequence, id.line};
}

LineId line_id_of(const Json& json) {
    return {json.at(0).get<std::int64_t>(), json.at(1).get<RowId>(), json.at(2).get<std::uint64_t>(),
            json.at(3).get<std::uint32_t>()};
}

// The last piece, and behind that what there was not always: when it came, and the first one.
Json json_of(const HalfLines::Half& half) {
    Json json = json_of(half.last);
    json.push_back(half.time_ms);
    if (half.first != half.last) json.push_back(json_of(half.first));
    return json;
}

HalfLines::Half half_of(const Json& json) {
    HalfLines::Half half;
    half.first = half.last = line_id_of(json);
    half.time_ms = json.size() > 4 ? json.at(4).get<std::int64_t>() : half.last.time_ms;
    if (json.size() > 5) half.first = line_id_of(json.at(5));
    return half;
}

Json json_of(const AlertGroup& group) {
    Json one{{"key", group.key}, {"client", group.client}, {"log", group.log}};
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
    if (group.half) one["half"] = json_of(*group.half);
    return one;
}

AlertGroup group_of(const Json& one) {
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
    if (one.contains("half")) group.half = line_id_of(one.at("half"));
    return group;
}

std::string part_name(const std::string& id, std::size_t part) {
    return std::string(kPart) + id + ' ' + std::to_string(part);
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

// FNV-1a (Fowler, Noll and Vo), folded: the same on every machine.
std::size_t alert_state_part(std::string_view key) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : key) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return (hash ^ hash >> 32) % kAlertStateParts;
}

std::vector<Store::Note> alert_state_notes(const std::string& id, const AlertState& state, bool firing_only,
                                           const AlertStateParts& parts) {
    Json head{{"from", state.from}, {"rule", state.rule}};
    for (const HalfLines::Half& half : state.half_lines.all()) head["half_lines"].push_back(json_of(half));
    std::vector<Store::Note> notes{{id, text_of(head)}};
    if (parts.none()) return notes;
    std::map<std::size_t, Json> groups;
    for (const auto& [key, group] : state.groups) {
        const std::size_t part = alert_state_part(key);
        if (parts[part] && (!firing_only || group.firing)) groups[part].push_back(json_of(group));
    }
    for (std::size_t part = 0; part < kAlertStateParts; ++part) {
        if (!parts[part]) continue;
        const auto of_part = groups.find(part);
        std::optional<std::string> text;
        if (of_part != groups.end()) text = text_of({{"groups", std::move(of_part->second)}});
        notes.push_back({part_name(id, part), std::move(text)});
    }
    return notes;
}

std::vector<Store::Note> no_alert_state_notes(const std::string& id) {
    std::vector<Store::Note> notes{{id, std::nullopt}};
    for (std::size_t part = 0; part < kAlertStateParts; ++part)
        notes.push_back({part_name(id, part), std::nullopt});
    return notes;
}

AlertStateNote alert_state_note(std::string_view name) {
    if (!name.starts_with(kPart)) return {std::string(name), false};
    name.remove_prefix(kPart.size());
    return {std::string(name.substr(0, name.rfind(' '))), true};
}

Result<bool> add_alert_state(const AlertStateNote& note, std::string_view text, AlertState& state) {
    try {
        const Json object = Json::parse(text);
        std::vector<AlertGroup> groups;
        const bool has_groups = object.contains("groups");
        if (note.is_part || has_groups) {
            for (const Json& one : object.at("groups")) groups.push_back(group_of(one));
        }
        if (!note.is_part) {
            const auto from = object.at("from").get<ChangeNumber>();
            HalfLines half_lines;
            const Json halves = object.value("half_lines", Json::array());
            for (const Json& one : halves) half_lines.add(half_of(one));
            state.rule = object.value("rule", "");
            state.from = from;
            state.half_lines = std::move(half_lines);
        }
        for (AlertGroup& group : groups) {
            std::string key = group.key;
            state.groups.insert_or_assign(std::move(key), std::move(group));
        }
        return !note.is_part && has_groups;
    } catch (const Json::exception&) {
        return Error{Code::corruption, "the kept state of an alert rule cannot be read"};
    }
}

}  // namespace nmstore::server
