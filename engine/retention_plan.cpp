#include "engine/retention_plan.h"

#include <algorithm>

#include "nmstore/day_row.h"

namespace nmstore {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

bool is_too_old(const DatedRow& row, std::int64_t now_ms) {
    if (row.keep_ms < 0) return false;
    const std::int64_t end_ms = (std::int64_t{row.day} + 1) * kDayMs;
    return end_ms <= now_ms && now_ms - end_ms >= row.keep_ms;
}

bool may_go_for_room(const DatedRow& row, std::int32_t today) {
    return row.keep_ms != DatedRow::kForEver && row.day < today;
}

}  // namespace

std::optional<DatedRow> dated_row(const RetentionPolicy& policy, const LogRow& row) {
    if (row.kind == RowKind::other) return std::nullopt;
    const std::optional<DayRow> day_row = parse_day_row(row.key);
    if (!day_row) return std::nullopt;
    DatedRow out{row.id, day_row->day, policy.keep_ms.value_or(DatedRow::kWhileRoom)};
    const auto rule = std::find_if(policy.rules.begin(), policy.rules.end(),
                                   [&](const RetentionRule& each) { return each.matches(row); });
    if (rule != policy.rules.end()) out.keep_ms = rule->keep_ms.value_or(DatedRow::kForEver);
    return out;
}

Result<RetentionPlan> plan_retention(std::vector<DatedRow> rows, std::uint64_t max_bytes,
                                     std::uint64_t store_bytes, std::int64_t now_ms,
                                     const std::function<Result<std::uint64_t>(RowId)>& size_of) {
    std::sort(rows.begin(), rows.end(), [](const DatedRow& a, const DatedRow& b) {
        return a.day != b.day ? a.day < b.day : a.id < b.id;
    });
    RetentionPlan plan;
    plan.left_bytes = store_bytes;
    const auto drop = [&](const DatedRow& row, bool by_age) -> Result<void> {
        NM_ASSIGN(const std::uint64_t bytes, size_of(row.id));
        plan.drops.push_back({row.id, row.day, bytes, by_age});
        plan.bytes += bytes;
        plan.left_bytes -= std::min(plan.left_bytes, bytes);
        return {};
    };
    for (const DatedRow& row : rows) {
        if (is_too_old(row, now_ms)) NM_TRY(drop(row, true));
    }
    if (max_bytes == 0) return plan;
    const std::int32_t today = day_of(now_ms);
    for (const DatedRow& row : rows) {
        if (plan.left_bytes <= max_bytes) break;
        if (may_go_for_room(row, today) && !is_too_old(row, now_ms)) NM_TRY(drop(row, false));
    }
    std::stable_sort(plan.drops.begin(), plan.drops.end(),
                     [](const RowToDrop& a, const RowToDrop& b) { return a.day < b.day; });
    return plan;
}

}  // namespace nmstore
