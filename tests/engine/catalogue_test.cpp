#include "engine/catalogue.h"

#include <set>

#include "engine/key.h"
#include "engine/number_reserve.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("hours are rounded down, also before 1970") {
    CHECK(hour_of(0) == 0);
    CHECK(hour_of(kHourMs - 1) == 0);
    CHECK(hour_of(kHourMs) == 1);
    CHECK(hour_of(-1) == -1);
    CHECK(hour_of(-kHourMs) == -1);
    CHECK(hour_of(-kHourMs - 1) == -2);
}

TEST_CASE("numbers are never given twice, whatever happens to those who took them") {
    OpenedStore store;
    std::set<std::uint64_t> seen;
    for (int open = 0; open < 3; ++open) {
        store.change_database([&](kv::Database& database) {
            NumberReserve reserve(database, "test", 5);
            for (int i = 0; i < 7; ++i) CHECK(seen.insert(must(reserve.take())).second);
        });
    }
    CHECK(*seen.begin() == 1);
}

TEST_CASE("there is one Row for each row, as long as somebody holds it") {
    OpenedStore store;
    store.change_database([](kv::Database& database) {
        Catalogue catalogue(database);
        CHECK(must(catalogue.find(1, "a")) == nullptr);
        const RowPtr a = must(catalogue.acquire(1, "a"));
        CHECK(must(catalogue.acquire(1, "a")) == a);
        CHECK(must(catalogue.find(1, "a")) == a);
        CHECK(must(catalogue.acquire(2, "a")) != a);
        CHECK_FALSE(a->live);
        for (std::size_t i = 0; i < 2 * Catalogue::kMaxCachedRows; ++i) {
            must(catalogue.acquire(1, "row" + std::to_string(i)));
        }
        CHECK(must(catalogue.acquire(1, "a")) == a);
        CHECK(must(catalogue.find(1, "row0")) == nullptr);  // nobody holds it, and it was never written
        catalogue.forget(1);
        CHECK(must(catalogue.find(1, "a")) == nullptr);
    });
}

TEST_CASE("rows are listed from a key, with a prefix, and by time") {
    OpenedStore store;
    for (const char* row : {"b", "a", "ab", "abc", "c"}) store.put("CFUTF8Type", row, "x", "1");
    const auto rows = [&](const std::string& from, const std::string& prefix, std::size_t limit) {
        std::string out;
        for (const std::string& row : must(store->rows(kIndexFamily, from, prefix, limit))) out += row + " ";
        return out;
    };
    CHECK(rows("", "", 10) == "a ab abc b c ");
    CHECK(rows("ab", "", 2) == "ab abc ");
    CHECK(rows("", "ab", 10) == "ab abc ");
    CHECK(rows("aba", "a", 10) == "abc ");
    CHECK(rows("z", "", 10).empty());
    CHECK(rows("", "", 0).empty());

    store.put("CFLongType", "old", "-9223372036854775808", "v");
    store.put("CFLongType", "far", "9223372036854775807", "v");
    RowSelection selection;
    selection.family = kTimeFamily;
    CHECK(must(store->log_rows(selection)).size() == 2);
    selection.from_ms = 0;
    CHECK(must(store->log_rows(selection)).at(0).key == "far");
    selection.accept = [](const LogRow& row) { return row.key == "old"; };
    CHECK(must(store->log_rows(selection)).empty());
    selection.family = kIndexFamily;
    CHECK(code_of(store->log_rows(selection)) == Code::invalid_argument);
    store.check();
}
