// AlertEvaluation: SEVERE lines, which are alerts without any rule.
#include <fmt/format.h>

#include <algorithm>

#include "server/alert_evaluation.h"
#include "server/alert_words.h"

namespace nmstore::server {
namespace {

constexpr std::int64_t kSevereMs = 60'000;    // the same text is an alert once in this time
constexpr std::int64_t kHalfMs = 5'000;       // for which the rest of a line is waited for
constexpr std::size_t kMaxSevereTexts = 500;  // different ones of a row's change

// Of the SEVERE line of a row that may still go on; no text begins so.
std::string half_key(RowId row) {
    return std::string(1, '\0') + std::to_string(row);
}

}  // namespace

void AlertEvaluation::Severe::add(const LineId& id, std::string_view line) {
    std::string text = valid_text(line, kMaxAlertSampleBytes);
    const auto known = texts.find(text);
    const bool other = known == texts.end() && texts.size() == kMaxSevereTexts;
    Text& of_text = other ? others : known != texts.end() ? known->second : texts[text];
    if (++of_text.lines > 1 && of_text.first < id) return;
    of_text.first = id;
    of_text.text = std::move(text);
}

// What is told of a line is all of it: the half that an agent has posted so far waits for the rest.
void AlertEvaluation::severe_line(Ruled& ruled, const Line& line, Severe& severe,
                                  std::optional<Severe::Text>& half) {
    if (line.half) {
        if (!ruled.state.half_lines.has(line.id))
            half = Severe::Text{line.id, valid_text(line.text, kMaxAlertSampleBytes), 1};
        return;
    }
    severe_half_ended(ruled, line);
    if (!has_counted(ruled, line)) severe.add(line.id, line.text);
}

// What waits for its rest is a piece of this line: the whole of it is told, if it is SEVERE.
void AlertEvaluation::severe_half_ended(Ruled& ruled, const Line& line) {
    const auto waiting = ruled.state.groups.find(half_key(line.id.row));
    if (waiting == ruled.state.groups.end()) return;
    HalfLines its;
    its.add(*waiting->second.half, time_ms_);
    if (its.end(line.id, line.ends_in_ms)) forget(ruled, waiting->second);
}

void AlertEvaluation::severe_half_came(Ruled& ruled, const Severe::Text& half, const LogRow& row) {
    const std::string key = half_key(row.id);
    const auto known = ruled.state.groups.find(key);
    if (known != ruled.state.groups.end() && known->second.half != half.first)
        severe_half_due(ruled, known->second);
    if (ruled.state.groups.size() + 1 >= kMaxAlertGroups && !ruled.state.groups.contains(key)) {
        Severe severe;  // no room to wait
        severe.add(half.first, half.text);
        return severe_came(ruled, severe, Source(row));
    }
    AlertGroup& group = *group_of(ruled, key, kMaxAlertGroups);
    const Source source(row);
    group.client = source.client;
    group.log = source.log;
    group.sample = half.text;
    note_change(ruled, group);
    if (std::exchange(group.half, half.first) != half.first) schedule(ruled, group, time_ms_ + kHalfMs);
}

void AlertEvaluation::severe_half_due(Ruled& ruled, AlertGroup& group) {
    const Source source(group);
    Severe severe;
    severe.add(*group.half, group.sample);
    ruled.state.half_lines.add(*group.half, time_ms_);
    forget(ruled, group);
    severe_came(ruled, severe, source);
}

// In the order of the lines; what was too much to be told apart comes last.
void AlertEvaluation::severe_came(Ruled& ruled, const Severe& severe, const Source& source) {
    std::vector<const Severe::Text*> texts;
    for (const auto& [key, text] : severe.texts) texts.push_back(&text);
    std::sort(texts.begin(), texts.end(),
              [](const Severe::Text* a, const Severe::Text* b) { return a->first < b->first; });
    const std::string of_log = source.client + '\n' + source.log + '\n';
    for (const Severe::Text* text : texts) severe_text_came(ruled, of_log + text->text, *text, source);
    if (severe.others.lines > 0) severe_text_came(ruled, of_log, severe.others, source);
}

void AlertEvaluation::severe_text_came(Ruled& ruled, const std::string& key, const Severe::Text& text,
                                       const Source& source) {
    // The last place is for all texts that are too many.
    const bool left_out =
        ruled.state.groups.size() + 1 >= kMaxAlertGroups && !ruled.state.groups.contains(key);
    if (left_out) ++groups_left_out_;
    AlertGroup* group = group_of(ruled, left_out ? "" : key, kMaxAlertGroups);
    if (group == nullptr) return;
    note_change(ruled, *group);
    if (group->due_ms != kNeverDue) {
        group->total += text.lines;
        return;
    }
    if (!left_out) {
        group->client = source.client;
        group->log = source.log;
    }
    group->sample = text.text;
    group->since_ms = time_ms_;
    // The same text is told with its number later; of different ones this is what is told of them.
    const bool different = left_out || key.back() == '\n';
    group->total = different ? text.lines : 1;
    tell(ruled, *group, true,
         group->total == 1
             ? fmt::format("SEVERE{}: {}", of_group(*group), text.text)
             : fmt::format("SEVERE{}, {} further lines: {}", of_group(*group), group->total, text.text));
    group->total = text.lines - group->total;
    schedule(ruled, *group, time_ms_ + kSevereMs);
}

std::int64_t AlertEvaluation::severe_pause_ms(const AlertGroup& group) {
    return group.half ? kHalfMs : kSevereMs;
}

void AlertEvaluation::severe_due(Ruled& ruled, AlertGroup& group) {
    if (group.half) return severe_half_due(ruled, group);
    if (group.total == 0) return forget(ruled, group);
    tell(ruled, group, true,
         fmt::format("SEVERE{}, {} more times within {}: {}", of_group(group), group.total,
                     span_text(kSevereMs), group.sample));
    group.total = 0;
    group.since_ms = time_ms_;
    schedule(ruled, group, time_ms_ + kSevereMs);
}

}  // namespace nmstore::server
