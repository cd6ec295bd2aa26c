#include "engine/retention_plan.h"

#include <map>
#include <string>

#include "tests/catch.h"

using namespace nmstore;

namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int32_t kToday = 15'000;
constexpr std::int64_t kNow = kToday * kDayMs + kDayMs / 2;

// Rows of 100 bytes; what is decided, as text: "id" by age, "(id)" for room.
struct Planned {
    std::string drops;
    std::uint64_t left = 0;
    std::uint64_t asked = 0;
};
Planned plan(std::vector<DatedRow> rows, std::uint64_t max_bytes = 0, std::uint64_t store_bytes = 0,
             std::int64_t now_ms = kNow) {
    Planned out;
    const auto planned = plan_retention(std::move(rows), max_bytes, store_bytes, now_ms, [&](RowId) {
        ++out.asked;
        return Result<std::uint64_t>(100);
    });
    REQUIRE(planned.ok());
    for (const RowToDrop& drop : planned->drops) {
        const std::string id = std::to_string(drop.id);
        out.drops += (out.drops.empty() ? "" : " ") + (drop.by_age ? id : "(" + id + ")");
    }
    CHECK(planned->bytes == 100 * planned->drops.size());
    out.left = planned->left_bytes;
    return out;
}

LogRow row_of(RowKind kind, const std::string& key) {
    LogRow row;
    row.id = 1;
    row.kind = kind;
    row.key = key;
    return row;
}

}  // namespace

TEST_CASE("retention: a day goes once all of it is older than it is kept") {
    struct Case {
        std::int32_t day;
        std::int64_t keep_ms;
        bool goes;
    };
    const Case cases[] = {
        {kToday - 1, kDayMs / 2, true},  // ended half a day ago
        {kToday - 1, kDayMs / 2 + 1, false},
        {kToday - 2, kDayMs, true},
        {kToday - 1, kDayMs, false},
        {kToday - 31, 30 * kDayMs, true},
        {kToday - 30, 30 * kDayMs, false},
        {kToday - 1, 0, true},
        {kToday, 0, false},  // today has not ended
        {kToday + 1, 0, false},
        {kToday + 40'000, kDayMs, false},  // a wrong clock
        {-800, 30 * kDayMs, true},         // before 1970
        {kToday - 5000, DatedRow::kForEver, false},
        {kToday - 5000, DatedRow::kWhileRoom, false},
        {INT32_MIN, kDayMs, true},
        {INT32_MAX, kDayMs, false},
    };
    for (const Case& c : cases) {
        INFO(c.day << " " << c.keep_ms);
        CHECK(plan({{1, c.day, c.keep_ms}}).drops == (c.goes ? "1" : ""));
    }
    CHECK(plan({{1, -2, 0}}, 0, 0, -1).drops == "1");
    CHECK(plan({{1, kToday - 5, INT64_MAX}}).drops.empty());
}

TEST_CASE("retention: for room the oldest days go, and no more of them than must") {
    const std::vector<DatedRow> rows = {{7, kToday - 1}, {5, kToday - 3}, {6, kToday - 2}, {4, kToday - 3}};
    CHECK(plan(rows, 400, 400).drops.empty());
    CHECK(plan(rows, 399, 400).drops == "(4)");
    CHECK(plan(rows, 300, 400).drops == "(4)");
    CHECK(plan(rows, 299, 400).drops == "(4) (5)");
    CHECK(plan(rows, 1, 400).drops == "(4) (5) (6) (7)");
    CHECK(plan(rows, 1, 5000).left == 4600);
    // Nobody is asked for its size without need.
    CHECK(plan(rows, 300, 400).asked == 1);
    CHECK(plan(rows, 500, 400).asked == 0);
    CHECK(plan(rows).asked == 0);
}

TEST_CASE("retention: today, later days and what is kept for ever do not go for room") {
    const std::vector<DatedRow> rows = {
        {1, kToday}, {2, kToday + 1}, {3, kToday - 9, DatedRow::kForEver}, {4, kToday - 1, 30 * kDayMs}};
    const Planned planned = plan(rows, 1, 400);
    CHECK(planned.drops == "(4)");
    CHECK(planned.left == 300);
}

TEST_CASE("retention: what goes by age counts as room already") {
    const std::vector<DatedRow> rows = {
        {1, kToday - 40}, {2, kToday - 20, 10 * kDayMs}, {3, kToday - 3}, {4, kToday - 2, 10 * kDayMs}};
    CHECK(plan(rows, 300, 400).drops == "2");
    CHECK(plan(rows, 200, 400).drops == "(1) 2");
    CHECK(plan(rows, 100, 400).drops == "(1) 2 (3)");
    // Sizes are told about: less in sum than the rows together.
    CHECK(plan(rows, 0, 50).left == 0);
}

TEST_CASE("retention: the first rule that matches decides, and a row without a day stays") {
    RetentionPolicy policy;
    policy.keep_ms = 30 * kDayMs;
    policy.rules.push_back({[](const LogRow& row) { return row.key.starts_with("a:"); }, 7 * kDayMs});
    policy.rules.push_back({[](const LogRow& row) { return row.kind == RowKind::alerts; }, std::nullopt});
    policy.rules.push_back({[](const LogRow&) { return true; }, 1});

    const auto keep = [&](RowKind kind, const std::string& key) {
        const auto row = dated_row(policy, row_of(kind, key));
        REQUIRE(row);
        return row->keep_ms;
    };
    CHECK(keep(RowKind::logs, "a:logs:x:2011:5:22") == 7 * kDayMs);
    CHECK(keep(RowKind::alerts, "alerts:2011:5:22") == DatedRow::kForEver);
    CHECK(keep(RowKind::plugins, "b:plugins:x:2011:5:22") == 1);
    policy.rules.pop_back();
    CHECK(keep(RowKind::plugins, "b:plugins:x:2011:5:22") == 30 * kDayMs);
    policy.keep_ms.reset();
    CHECK(keep(RowKind::plugins, "b:plugins:x:2011:5:22") == DatedRow::kWhileRoom);
    CHECK(dated_row(policy, row_of(RowKind::plugins, "b:plugins:x:2011:5:22"))->day == 15'147);

    CHECK(!dated_row(policy, row_of(RowKind::other, "a:temperatures")));
    CHECK(!dated_row(policy, row_of(RowKind::logs, "a:logs:x:2011:1:30")));  // there is no 30th of February
    CHECK(!RetentionPolicy(policy).empty());
    CHECK(RetentionPolicy().empty());
}
