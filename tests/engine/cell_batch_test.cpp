#include "engine/batches.h"
#include "engine/key.h"
#include "nmstore/free_places.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {
const std::string kDay = "c:logs:l:2011:5:22";
constexpr std::int64_t kMorning = 1'308'700'800'000;

std::int64_t counted(OpenedStore& store, const std::string& row, const std::string& kind) {
    return must(store->counter(row, kind));
}
}  // namespace

TEST_CASE("a bad cell is named, and the others are kept") {
    OpenedStore store;
    must(store->declare_column(kIndexFamily, "age", ValueType::long_, std::nullopt));
    const auto batch = must(store->begin_cells(kIndexFamily));
    const std::string too_long(65536, 'x');
    CHECK(code_of(batch->put("", "c", "v")) == Code::invalid_argument);
    CHECK(code_of(batch->put(too_long, "c", "v")) == Code::invalid_argument);
    CHECK(code_of(batch->put("r", "", "v")) == Code::invalid_argument);
    CHECK(code_of(batch->put("r", too_long, "v")) == Code::invalid_argument);
    CHECK(code_of(batch->put("r", "\xff", "v")) == Code::invalid_argument);
    CHECK(code_of(batch->put("r", "age", "old")) == Code::invalid_argument);
    CHECK(code_of(batch->put("r", "c", "v", -1)) == Code::invalid_argument);
    CHECK(code_of(batch->put("r", "c", "v", kMaxTtlSeconds + 1)) == Code::invalid_argument);
    must(batch->put("r", "age", "12"));
    must(batch->put("r", "c", "", kMaxTtlSeconds));
    must(batch->put(too_long.substr(1), too_long.substr(1), "v"));
    CHECK(must(batch->commit()).entries == 3);
    CHECK(code_of(batch->commit()) == Code::conflict);
    CHECK(store.cells("CFUTF8Type", "r") == "age=12 c=");
    store.check();

    CHECK(code_of(must(store->begin_cells(kTimeFamily))->put("r", "noon", "v")) == Code::invalid_argument);
    CHECK(code_of(store->begin_cells("Nothing")) == Code::not_found);
    CHECK(code_of(store->begin_cells(kIndexFamily, true)) == Code::invalid_argument);
}

TEST_CASE("a batch that is not committed leaves nothing") {
    OpenedStore store;
    must(must(store->begin_cells(kIndexFamily))->put("r", "c", "v"));
    CHECK(store.cells("CFUTF8Type", "r").empty());
    CHECK(store->stats().rows == 0);
    store.check();
}

TEST_CASE("cells for free places only are written all or not at all") {
    OpenedStore store;
    const std::string family(kTimeFamily), row = GENERATE(as<std::string>{}, "r", kDay);
    const std::string taken = std::to_string(kMorning), other = std::to_string(kMorning + 1);
    const auto batch = must(store->begin_cells(family));
    must(batch->put(row, other, "other"));
    must(batch->put(row, taken, "new"));
    const std::string both = taken + "=new " + other + "=other";
    SECTION("nothing stands there") {
        store.put(family, row, std::to_string(kMorning + 2), "before it");
        CHECK(must(commit_where_free(*batch)).entries == 2);
        CHECK(store.cells(family, row) == both + " " + std::to_string(kMorning + 2) + "=before it");
    }
    SECTION("what stands there came after the cell was put into the batch") {
        store.put(family, row, taken, "first");
        CHECK(code_of(commit_where_free(*batch)) == Code::conflict);
        CHECK(store.cells(family, row) == taken + "=first");
    }
    SECTION("what stood there has expired") {
        store.put(family, row, taken, "first", 10);
        store.clock.advance(10'000);
        must(commit_where_free(*batch));
        CHECK(store.cells(family, row) == both);
    }
    SECTION("what stood there has gone since") {
        store.put(family, row, taken, "first");
        must(store->remove_cell(family, row, taken));
        must(commit_where_free(*batch));
        CHECK(store.cells(family, row) == both);
    }
    SECTION("the row is replaced in the same step") {
        store.put(family, row, taken, "first");
        const auto replacing = must(store->begin_cells(family));
        must(replacing->remove_row(row));
        must(replacing->put(row, taken, "new"));
        must(commit_where_free(*replacing));
        CHECK(store.cells(family, row) == taken + "=new");
    }
    store.check();
}

TEST_CASE("a place is not free where a block has a cell, or a line was appended") {
    OpenedStore store;
    if (GENERATE(true, false)) {
        store.put("CFLongType", kDay, std::to_string(kMorning), "there");
    } else {
        store.append("c", "l", kMorning, "there");
    }
    if (GENERATE(true, false)) must(store->compact());
    const std::string before = store.cells("CFLongType", kDay);
    const auto batch = must(store->begin_cells("CFLongType"));
    must(batch->put(kDay, std::to_string(kMorning), "new"));
    CHECK(code_of(commit_where_free(*batch)) == Code::conflict);
    CHECK(store.cells("CFLongType", kDay) == before);
    store.check();

    const auto elsewhere = must(store->begin_cells(kIndexFamily));
    must(elsewhere->put("r", "c", "v"));
    CHECK(code_of(commit_where_free(*elsewhere)) == Code::unsupported);
}

TEST_CASE("a cell is gone for everybody from the moment it expires") {
    OpenedStore store;
    must(store->declare_column(kIndexFamily, "color", ValueType::utf8, true));
    store.put("CFUTF8Type", "r", "color", "red", 10);
    store.put("CFLongType", kDay, std::to_string(kMorning), "v", 10);
    store.clock.advance(9'999);
    CHECK(store.cells("CFUTF8Type", "r") == "color=red");
    CHECK(must(store->find_rows(kIndexFamily, "color", "red", 10)).size() == 1);
    store.clock.advance(1);
    CHECK(store.cells("CFUTF8Type", "r").empty());
    CHECK_FALSE(must(store->get(kIndexFamily, "r", "color")).has_value());
    CHECK(must(store->find_rows(kIndexFamily, "color", "red", 10)).empty());
    CHECK(must(store->rows(kIndexFamily, "", "", 10)).empty());
    CHECK(store.cells("CFLongType", kDay).empty());
    CHECK(store->stats().rows == 2);
    must(store->compact());
    CHECK(store->stats().rows == 0);  // the sweep takes rows that have nothing left
    store.check();

    const auto batch = must(store->begin_cells(kTimeFamily, true));
    must(batch->put(kDay, std::to_string(kMorning), "again"));
    must(batch->commit());
    CHECK(counted(store, kDay, "logs") == 1);
}

TEST_CASE("new entries of day rows are counted, old ones are not") {
    OpenedStore store;
    const auto post = [&](const std::string& row, std::initializer_list<int> times, std::int64_t ttl = 0) {
        const auto batch = must(store->begin_cells(kTimeFamily, true));
        for (const int time : times) must(batch->put(row, std::to_string(kMorning + time), "v", ttl));
        must(batch->commit());
    };
    post(kDay, {1, 2, 2, 3});
    CHECK(counted(store, kDay, "logs") == 3);
    post(kDay, {1, 2, 3});
    CHECK(counted(store, kDay, "logs") == 3);
    post(kDay, {3, 4, 100'000'000});
    CHECK(counted(store, kDay, "logs") == 5);
    must(store->remove_cell(kTimeFamily, kDay, std::to_string(kMorning + 4)));
    post(kDay, {4});
    CHECK(counted(store, kDay, "logs") == 6);
    post(kDay, {5}, 1);
    store.clock.advance(1000);
    post(kDay, {5});
    CHECK(counted(store, kDay, "logs") == 8);
    must(store->remove_row(kTimeFamily, kDay));
    post(kDay, {1});
    CHECK(counted(store, kDay, "logs") == 9);
    post("c:plugins:cpu:2011:5:22", {1});
    CHECK(counted(store, "c:plugins:cpu:2011:5:22", "plugins") == 1);
    post("alerts:2011:5:22", {1});
    post("other", {1});
    CHECK(must(store->counter_rows("", "", 10)).size() == 2);
    store.put("CFLongType", kDay, std::to_string(kMorning + 9), "single");
    CHECK(counted(store, kDay, "logs") == 9);
}

TEST_CASE("a row is replaced in one step") {
    OpenedStore store;
    must(store->declare_column(kIndexFamily, "color", ValueType::utf8, true));
    store.put("CFUTF8Type", "r", "color", "red");
    store.put("CFUTF8Type", "r", "old", "1");
    const auto batch = must(store->begin_cells(kIndexFamily));
    must(batch->put("r", "lost", "1"));
    must(batch->remove_row("r"));
    must(batch->put("r", "new", "1"));
    must(batch->remove_row("never there"));
    must(batch->commit());
    CHECK(store.cells("CFUTF8Type", "r") == "new=1");
    CHECK(must(store->find_rows(kIndexFamily, "color", "red", 10)).empty());
    store.check();
}

TEST_CASE("a row that is removed while a batch is open is whole again when that commits") {
    OpenedStore store;
    store.put("CFLongType", kDay, std::to_string(kMorning), "v");
    const RowId id = must(store->log_rows({})).at(0).id;
    const auto batch = must(store->begin_cells(kTimeFamily));
    must(batch->put(kDay, std::to_string(kMorning + 1), "late"));
    must(store->remove_row(kTimeFamily, kDay));
    CHECK(must(store->log_rows({})).empty());
    must(batch->commit());
    CHECK(store.cells("CFLongType", kDay) == std::to_string(kMorning + 1) + "=late");
    CHECK(must(store->log_rows({})).at(0).id == id);
    CHECK(store->stats().rows == 1);
    store.check();
}

TEST_CASE("removing what is not there succeeds, and a row without cells is no row") {
    OpenedStore store;
    must(store->remove_row(kIndexFamily, "r"));
    must(store->remove_cell(kIndexFamily, "r", "c"));
    must(store->remove_counters("r", std::nullopt));
    CHECK(code_of(store->remove_row("Nothing", "r")) == Code::not_found);
    CHECK(code_of(store->remove_cell(kTimeFamily, "r", "noon")) == Code::invalid_argument);
    store.put("CFUTF8Type", "r", "a", "1");
    store.put("CFUTF8Type", "r", "b", "1");
    must(store->remove_cell(kIndexFamily, "r", "a"));
    CHECK(store->stats().rows == 1);
    must(store->remove_cell(kIndexFamily, "r", "b"));
    CHECK(store->stats().rows == 0);
    store.append("c", "l", kMorning, "one");
    store.append("c", "l", kMorning, "two");
    must(store->remove_cell(kTimeFamily, kDay, std::to_string(kMorning)));
    CHECK(must(store->log_rows({})).empty());
    store.check();
}
