// What a job promises of its table, over a real store.
#include <atomic>
#include <thread>

#include "query/map_reduce.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

std::unique_ptr<Store> open(const std::string& directory) {
    auto store = Store::open({.directory = directory, .sync = SyncMode::off});
    NM_CHECK(store.ok());
    return std::move(store).value();
}

void put(Store& store, const std::string& row, const std::string& column, const std::string& value) {
    auto batch = std::move(store.begin_cells(kTimeFamily)).value();
    NM_CHECK(batch->put(row, column, value).ok() && batch->commit().ok());
}

std::string column_names(const Store& store, const std::string& row) {
    std::string out;
    const auto slice = store.slice("result", row, {});
    NM_CHECK(slice.ok());
    for (const Cell& cell : slice->cells) out += cell.column + "=" + cell.value + " ";
    return out;
}

}  // namespace

TEST_CASE("A table is replaced, kept through a restart, and read by another job") {
    testing::TempDirectory directory;
    {
        auto store = open(directory / "store");
        put(*store, "a:logs:x:2011:5:22", "100", "disk%20full");
        put(*store, "a:logs:x:2011:5:22", "200", "all well");
        put(*store, "b:logs:x:2011:5:22", "300", "disk failed");
        Execution execution;
        REQUIRE(run_job(*store, {"CFLongType", "result", "columnname, value", ""}, execution).ok());
        CHECK(column_names(*store, "result") == "100=disk%20full 200=all well 300=disk failed ");
        const auto some = run_job(
            *store, {"CFLongType", "result", "columnname, value", "value like '%disk f%'"}, execution);
        REQUIRE(some.ok());
        CHECK(some->selected == 2);
        CHECK(some->scanned == 3);
        CHECK(column_names(*store, "result") == "100=disk%20full 300=disk failed ");
    }
    auto store = open(directory / "store");
    CHECK(column_names(*store, "result") == "100=disk%20full 300=disk failed ");
    CHECK(tables(*store)->size() == 1);
    Execution execution;
    REQUIRE(run_job(*store, {"result", "result", "rowkey, 'n', COUNT(*)", ""}, execution).error().code ==
            Code::invalid_argument);
    REQUIRE(run_job(*store, {"result", "result", "'r', 'n', COUNT(*)", ""}, execution).ok());
    CHECK(column_names(*store, "result").empty());
    CHECK(column_names(*store, "r") == "n=2 ");
}

TEST_CASE("Appended lines are cells to a job, in the form of an agent's") {
    testing::TempDirectory directory;
    auto store = open(directory / "store");
    auto lines = store->begin_lines();
    REQUIRE(lines->append({"a", "/x", 1000, "disk full", ""}).ok());
    REQUIRE(lines->append({"a", "/x", 1000, "again", ""}).ok());
    REQUIRE(lines->commit().ok());
    Execution execution;
    const auto result =
        run_job(*store, {"CFLongType", "result", "columnname, rowkey", "value like '%disk full\\\\nagain%'"},
                execution);
    REQUIRE(result.ok());
    CHECK(column_names(*store, "result") == "1000=a:logs:_x:1970:0:1 ");
}

TEST_CASE("A reader sees one table or the other while jobs run") {
    testing::TempDirectory directory;
    auto store = open(directory / "store");
    for (int i = 0; i < 50; ++i) put(*store, i % 2 == 0 ? "even" : "odd", std::to_string(i), "v");
    const Job jobs[] = {{"CFLongType", "result", "columnname, value", "rowkey = 'even'"},
                        {"CFLongType", "result", "columnname, value", "rowkey = 'odd'"}};
    Execution first;
    REQUIRE(run_job(*store, jobs[0], first).ok());
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (int i = 0; i < 60; ++i) {
            Execution execution;
            NM_CHECK(run_job(*store, jobs[i % 2], execution).ok());
        }
        done = true;
    });
    bool mixed = false;
    while (!done) {
        const auto slice = store->slice("result", "result", {});
        NM_CHECK(slice.ok());
        int odd = 0;
        for (const Cell& cell : slice->cells) odd += std::stoi(cell.column) % 2;
        mixed = mixed || slice->cells.size() != 25 || (odd != 0 && odd != 25);
    }
    writer.join();
    CHECK(!mixed);
}
