#include "engine/fresh_rows.h"

#include "tests/catch.h"

using namespace nmstore;

namespace {

SealingOptions options() {
    SealingOptions out;
    out.block_bytes = 1000;
    out.idle_bytes = 100;
    out.idle_ms = 5;
    out.old_bytes = 10;
    out.old_ms = 50;
    out.oldest_ms = 500;
    out.settle_ms = 5000;
    return out;
}

// "row row", with '+' behind those whose rest is to be sealed as well, and '.' behind those to be merged
// only.
std::string due(FreshRows& rows, std::int64_t now_ms, bool everything = false) {
    std::vector<std::string> names;
    for (const auto& taken : rows.take(now_ms, 10, everything))
        names.push_back(std::to_string(taken.row) + (taken.settle ? "." : taken.all ? "+" : ""));
    std::sort(names.begin(), names.end());
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
}

}  // namespace

TEST_CASE("a row is due when it has a block's text, when it is idle, or old") {
    FreshRows rows(options());
    CHECK(rows.next_due_ms() == INT64_MAX);
    rows.note({{1, 1000, 3}, {2, 100, 2}, {3, 10, 1}, {4, 9, 1}}, 0);
    CHECK(rows.sums().rows == 4);
    CHECK(rows.sums().bytes == 1119);
    CHECK(rows.sums().entries == 7);
    CHECK(due(rows, 0) == "1");
    CHECK(rows.next_due_ms() == 5);
    CHECK(due(rows, 4).empty());
    rows.note({{2, 1, 1}}, 4);
    CHECK(due(rows, 8).empty());
    CHECK(due(rows, 9) == "2+");
    CHECK(rows.next_due_ms() == 50);
    rows.note({{3, 1, 1}}, 49);  // the first one counts
    CHECK(due(rows, 50) == "3+");
    CHECK(due(rows, 499).empty());
    CHECK(due(rows, 500) == "4+");
    CHECK(rows.next_due_ms() == INT64_MAX);
    CHECK(rows.sums().rows == 0);
    CHECK(rows.sums().bytes == 0);
    CHECK(rows.sums().entries == 0);
}

TEST_CASE("what could not be sealed comes back, not at once") {
    FreshRows rows(options());
    rows.note({{1, 1000, 3}}, 0);
    auto taken = rows.take(0, 10);
    REQUIRE(taken.size() == 1);
    rows.note({{1, 5, 1}}, 3);
    rows.put_back(1, taken[0].fresh, 20);
    CHECK(rows.sums().entries == 4);
    CHECK(rows.sums().rows == 1);
    CHECK(due(rows, 19).empty());
    CHECK(rows.next_due_ms() == 20);
    CHECK(due(rows, 20) == "1");
    rows.put_back(1, {}, 0);
    CHECK(rows.sums().rows == 0);
}

TEST_CASE("small blocks make a row due when they are many, or at last") {
    FreshRows rows(options());
    rows.note({{1, 0, 0, FreshRows::kMaxBlocks - 1}, {2, 0, 0, 1}}, 7);
    CHECK(rows.sums().rows == 0);
    CHECK(due(rows, 7).empty());
    rows.note({{1, 0, 0, 1}}, 8);
    CHECK(due(rows, 8) == "1+");
    CHECK(rows.sealed() == std::vector<RowId>{2});
    rows.note_sealed(3, 100);
    CHECK(rows.next_due_ms() == 5007);
    CHECK(due(rows, 5007) == "2.");
    CHECK(due(rows, 0, true) == "3.");
}

TEST_CASE("rows beyond the limit are told of, and writers wake who waits") {
    FreshRows rows(options());
    int woken = 0;
    rows.set_wake([&] { ++woken; });
    rows.sleep_until(10);
    rows.note({{1, 100, 1}}, 5);  // due at 10
    CHECK(woken == 0);
    rows.note({{2, 100, 1}}, 4);
    CHECK(woken == 1);
    rows.note({{3, 1000, 1}}, 4);  // once is enough
    CHECK(woken == 1);

    std::vector<FreshRows::Written> many;
    for (RowId row = 10; row < 10 + FreshRows::kMaxRows; ++row) many.push_back({row, 1, 1});
    CHECK_FALSE(rows.take_overflowed());
    rows.note(many, 6);
    CHECK(rows.take_overflowed());
    CHECK_FALSE(rows.take_overflowed());
    CHECK(rows.sums().rows == FreshRows::kMaxRows);
    CHECK(rows.last_written_ms() == 6);
}

TEST_CASE("a time that has moved away is put right, and the first that is due comes first") {
    FreshRows rows(options());
    rows.note({{1, 100, 1}, {2, 100, 1}, {3, 1, 1}}, 0);  // idle at 5; 3 at 500
    for (std::int64_t now = 4; now < 40; now += 4) {
        rows.note({{1, 1, 1}}, now);
        rows.note({{2, 1, 1}}, now - 1);
        CHECK(due(rows, now).empty());
        CHECK(rows.next_due_ms() == now + 4);
    }
    const auto first = rows.take(100, 1);
    REQUIRE(first.size() == 1);
    CHECK(first[0].row == 2);
    CHECK(first[0].fresh.bytes == 109);
    CHECK(due(rows, 100) == "1+");
    CHECK(rows.next_due_ms() == 500);
    rows.note({{3, 100, 1}}, 200);  // now it is old enough
    CHECK(rows.next_due_ms() == 50);
    CHECK(due(rows, 200) == "3+");
    CHECK(rows.next_due_ms() == INT64_MAX);
}

TEST_CASE("what is found in the database counts once, whoever has noted it before") {
    FreshRows rows(options());
    rows.note({{1, 30, 3}}, 7);
    rows.note_found(1, 100, 9, 8);
    rows.note_found(2, 20, 2, 8);
    CHECK(rows.sums().rows == 2);
    CHECK(rows.sums().bytes == 120);
    CHECK(rows.sums().entries == 11);
    rows.note_found(1, 50, 5, 9);
    CHECK(rows.sums().bytes == 120);
    CHECK(rows.next_due_ms() == 12);  // written at 7
    CHECK(due(rows, 57) == "1+");
    CHECK(due(rows, 58) == "2+");
    CHECK(rows.sums().entries == 0);
}

TEST_CASE("rows whose blocks there is no room to note are looked for later") {
    FreshRows rows(options());
    CHECK(rows.has_room());
    for (RowId row = 1; row <= FreshRows::kMaxRows / 2; ++row) rows.note_sealed(row, 0);
    CHECK_FALSE(rows.has_room());
    for (RowId row = 1; row <= FreshRows::kMaxRows; ++row) rows.note_sealed(row, 0);
    CHECK_FALSE(rows.take_overflowed());
    rows.note_sealed(FreshRows::kMaxRows, 0);
    CHECK_FALSE(rows.take_overflowed());
    rows.note_sealed(FreshRows::kMaxRows + 1, 0);
    CHECK(rows.take_overflowed());
    CHECK(rows.take(5000, 100).size() == 100);
}

TEST_CASE("a writer wakes who waits once the time has come, however the clock was set") {
    FreshRows rows(options());
    int woken = 0;
    rows.set_wake([&] { ++woken; });
    rows.note({{1, 1, 1}}, 0);
    CHECK(woken == 0);  // nobody waits
    rows.sleep_until(rows.next_due_ms());
    rows.note({{2, 1, 1}}, 499);
    CHECK(woken == 0);
    rows.note({{2, 1, 1}}, 500);
    CHECK(woken == 1);
}

TEST_CASE("what is left of a row is never less than nothing, whoever found more than was noted") {
    FreshRows::Fresh fresh;
    fresh.bytes = 100;
    fresh.entries = 3;
    fresh.first_ms = 5;
    fresh.last_ms = 7;
    CHECK(FreshRows::left_of(fresh, 40, 1).bytes == 60);
    CHECK(FreshRows::left_of(fresh, 40, 1).entries == 2);
    CHECK(FreshRows::left_of(fresh, 40, 1).first_ms == 5);
    CHECK(FreshRows::left_of(fresh, 400, 3).bytes == 0);
    CHECK(FreshRows::left_of(fresh, 400, 3).entries == 1);
    CHECK(FreshRows::left_of(fresh, 400, 30).entries == 1);
    fresh.entries = 0;
    for (const std::uint64_t sealed : {0, 1, 1000}) CHECK(FreshRows::left_of(fresh, 0, sealed).entries == 1);
    CHECK(FreshRows::left_of(fresh, 0, 1).first_ms == 7);
}

TEST_CASE("a row that has small blocks only, and was disturbed, is taken again soon, and adds up") {
    FreshRows rows(options());
    rows.note({{1, 0, 0, FreshRows::kMaxBlocks}}, 1000);
    const auto taken = rows.take(1000, 10);
    REQUIRE(taken.size() == 1);
    CHECK_FALSE(taken.front().settle);
    CHECK(taken.front().fresh.entries == 0);
    rows.put_back(1, FreshRows::left_of(taken.front().fresh, 50, 7), 1010);
    CHECK(rows.sums().rows == 1);
    CHECK(rows.sums().entries == 1);
    CHECK(rows.sums().bytes == 0);
    CHECK(due(rows, 1009).empty());
    CHECK(due(rows, 1010) == "1+");
    CHECK(rows.sums().rows == 0);
    CHECK(rows.sums().entries == 0);
}
