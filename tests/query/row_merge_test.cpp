#include "query/row_merge.h"

#include "query/line_id.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;

std::string all_of(RowMerge& merge) {
    std::string out;
    while (merge.next().value()) out += merge.line().text;
    return out;
}

}  // namespace

TEST_CASE("Rows are merged in the order of ids, and asking for more takes nothing") {
    MemoryStore store;
    for (const char* text : {"a", "b", "c", "d", "e", "f"})
        store.add_line(text[0] % 2 == 0 ? "even" : "odd", "x", kNoon + (text[0] - 'a') / 3, text);
    Execution execution;
    RowMerge ascending(store, store.log_rows({}).value(), {INT64_MIN, INT64_MAX, Order::ascending, {}},
                       nullptr, {}, execution);
    CHECK(!ascending.place());
    CHECK(ascending.more().value());
    CHECK(ascending.more().value());
    const std::string forward = all_of(ascending);
    RowMerge descending(store, store.log_rows({}).value(), {INT64_MIN, INT64_MAX, Order::descending, {}},
                        nullptr, {}, execution);
    const std::string backward = all_of(descending);
    CHECK(std::string(backward.rbegin(), backward.rend()) == forward);
    CHECK(forward == "acbedf");
    CHECK(!descending.more().value());
    CHECK(!descending.next().value());
    CHECK(!descending.stopped());
}

TEST_CASE("A merge of nothing, and one that begins behind everything") {
    MemoryStore store;
    Execution execution;
    RowMerge none(store, {}, {}, nullptr, {}, execution);
    CHECK(!none.more().value());
    CHECK(!none.next().value());
    const LineId last = store.add_line("a", "x", kNoon, "l");
    RowMerge behind(store, store.log_rows({}).value(), {INT64_MIN, INT64_MAX, Order::ascending, last},
                    nullptr, {}, execution);
    CHECK(!behind.next().value());
    CHECK(execution.stats.lines_scanned == 0);
}

TEST_CASE("A merge that is stopped says how far it came") {
    MemoryStore store;
    for (int i = 0; i < 10; ++i) store.add_line("a", "x", kNoon + i, "l");
    Limits limits;
    limits.lines = 4;
    Execution execution(limits);
    RowMerge merge(store, store.log_rows({}).value(), {INT64_MIN, INT64_MAX, Order::ascending, {}}, nullptr,
                   {}, execution);
    CHECK(all_of(merge) == "llll");
    CHECK(merge.stopped());
    CHECK(merge.place()->time_ms == kNoon + 3);
    CHECK(!merge.more().value());
    CHECK(execution.stats.stopped_by == "query_max_lines");
}

TEST_CASE("Rows that turn out to be empty bring the place on") {
    MemoryStore store;
    for (int log = 0; log < 5; ++log) store.add_line("a", "x" + std::to_string(log), kNoon + log, "l");
    // Bounds may be wider than what is there: nothing is in this span.
    auto rows = store.log_rows({}).value();
    for (LogRow& row : rows) row.max_time_ms = kNoon + 1000 + static_cast<std::int64_t>(row.id);
    Execution execution;
    const LineRange range{kNoon + 500, INT64_MAX, Order::descending, {}};
    RowMerge merge(store, rows, range, nullptr, {}, execution);
    CHECK(!merge.next().value());
    CHECK(execution.stats.rows_opened == 5);
    REQUIRE(merge.place());
    CHECK(*merge.place() == next_line_id(last_line_id(kNoon + 1001, 1)));
}
