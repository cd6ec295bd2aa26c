#include "query/series_totals.h"

#include <algorithm>

#include "query/histogram_step.h"
#include "query/matcher.h"

namespace nmstore::query {
namespace {

constexpr std::string_view kOwnTime = "date";

}  // namespace

bool FieldChoice::has(std::string_view field) const {
    if (std::find(patterns_.begin(), patterns_.end(), field) != patterns_.end()) return true;
    if (field == kOwnTime) return false;
    return patterns_.empty() || std::any_of(patterns_.begin(), patterns_.end(), [field](const auto& pattern) {
               return glob_matches(pattern, field);
           });
}

ReadingTotal& FieldTotals::step(std::int64_t start_ms, bool& fresh) {
    if (last_ != steps_.end() && last_->first == start_ms) return last_->second;
    const std::size_t before = steps_.size();
    const auto hint = last_ == steps_.end() ? last_ : std::next(last_);
    last_ = steps_.try_emplace(hint, start_ms);
    fresh = steps_.size() != before;
    return last_->second;
}

FieldTotals* SeriesTotals::field(std::string_view name) {
    const auto at = fields_.find(name);
    if (at != fields_.end()) return &at->second;
    if (!work_.fields.has(name)) return nullptr;
    return &fields_.try_emplace(std::string(name), name).first->second;
}

ReadingTotal& SeriesTotals::step(FieldTotals& field, std::int64_t start_ms) {
    bool fresh = false;
    ReadingTotal& total = field.step(start_ms, fresh);
    if (fresh) {
        ++points_;
        work_.points.fetch_add(1, std::memory_order_relaxed);
    }
    return total;
}

void SeriesTotals::add_value(std::int64_t time_ms, std::string_view text) {
    scanner_.scan(text);
    for (const ReadingField& each : scanner_.fields()) {
        if (!work_.fields.has(each.name)) continue;
        const auto reading = reading_of(each.number.of(text), each.quoted);
        if (!reading) continue;
        step(*field(each.name), bucket_start(time_ms, work_.step_ms)).add(*reading);
    }
}

void SeriesTotals::add(const SeriesTotals& other) {
    for (const auto& [name, totals] : other.fields_) {
        FieldTotals& mine = fields_.try_emplace(name, name).first->second;
        for (const auto& [start_ms, total] : totals.steps()) step(mine, start_ms).add(total);
    }
}

}  // namespace nmstore::query
