#include "nmstore/store.h"

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {
const std::string kCells(kIndexFamily);
const std::string kTimes(kTimeFamily);
const std::string kDay = "10.0.0.1:logs:_var_log_syslog:2011:5:22";  // of the fake clock
constexpr std::int64_t kMorning = 1'308'700'800'000;
}  // namespace

TEST_CASE("a new store has both families, and keeps what is put into it") {
    OpenedStore store;
    const auto families = store->families();
    REQUIRE(families.size() == 2);
    CHECK(families[0].name == kTimes);
    CHECK(families[1].name == kCells);
    store.put(kCells, "clients", "b", "2");
    store.put(kCells, "clients", "a", "1");
    store.put(kCells, "clients", "b", "3");
    CHECK(store.cells(kCells, "clients") == "a=1 b=3");
    store.reopen();
    CHECK(store.cells(kCells, "clients") == "a=1 b=3");
    CHECK(store.cells(kCells, "nobody").empty());
    CHECK(must(store->get(kCells, "clients", "a"))->value == "1");
    CHECK_FALSE(must(store->get(kCells, "clients", "c")).has_value());
    CHECK(code_of(store->slice("Nothing", "clients", {})) == Code::not_found);
    CHECK(must(store->rows(kCells, "", "", 10)) == std::vector<std::string>{"clients"});
    store.check();
}

TEST_CASE("lines and posted cells of a day row are one log to a searcher and one row to a client") {
    OpenedStore store;
    store.put(kTimes, kDay, std::to_string(kMorning + 5),
              "%7B%22date%22%3A5%2C%22returned%22%3A%22one%5Ctwo%22%7D");
    store.append("10.0.0.1", "/var/log/syslog", kMorning + 5, "three");
    store.append("10.0.0.1", "/var/log/syslog", kMorning + 7, "four");
    const auto rows = must(store->log_rows({}));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].key == kDay);
    CHECK(rows[0].client == "10.0.0.1");
    CHECK(rows[0].log == "/var/log/syslog");
    CHECK(rows[0].kind == RowKind::logs);
    CHECK(store.lines(rows[0], {}).size() == 3);
    CHECK(store.lines(rows[0], {}).front() == "four");
    const Slice slice = must(store->slice(kTimes, kDay, {}));
    REQUIRE(slice.cells.size() == 2);
    CHECK(slice.cells[1].column == std::to_string(kMorning + 7));
    CHECK(must(store->get(kIndexFamily, "clients", "10.0.0.1"))->value == std::to_string(kMorning));
    CHECK(must(store->get(kIndexFamily, "10.0.0.1:logs", "_var_log_syslog")).has_value());
    store.check();
}

TEST_CASE("counters add up") {
    OpenedStore store;
    for (int i = 0; i < 3; ++i) {
        const auto batch = store->begin_counters();
        must(batch->add("connections", "connections-total", 2));
        must(batch->add("connections", "connections-live", -1));
        must(batch->commit());
    }
    CHECK(must(store->counter("connections", "connections-total")) == 6);
    CHECK(must(store->counter("connections", "connections-live")) == -3);
    CHECK(must(store->counter("connections", "none")) == 0);
    CHECK(must(store->counter_rows("", "", 10)) == std::vector<std::string>{"connections"});
}
