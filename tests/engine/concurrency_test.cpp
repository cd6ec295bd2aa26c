// Many threads at once on few rows: everything must end whole, whoever wins.
#include <atomic>
#include <functional>
#include <thread>

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr int kRounds = 150;
const std::vector<std::string> kRows{"a", "b", "c"};
const std::string kDay = "c:logs:l:2011:5:22";
constexpr std::int64_t kMorning = 1'308'700'800'000;

// Results are looked at when all threads have ended: assertions of tests belong to one thread.
struct Failures {
    std::atomic<int> count{0};
    void expect(bool fine) { count += fine ? 0 : 1; }
};

// The family was dropped, or has got an index meanwhile.
bool is_changed(const Error& error) {
    return error.code == Code::conflict || error.code == Code::unavailable;
}

void put_cells(Store& store, Failures& failures, int round) {
    auto batch = store.begin_cells("Shared");
    if (!batch.ok()) return failures.expect(batch.error().code == Code::not_found);
    for (const std::string& row : kRows) {
        const bool put =
            (*batch)->put(row, "color", std::to_string(round % 3), round % 7 == 0 ? 1 : 0).ok() &&
            (*batch)->put(row, "round", std::to_string(round)).ok();
        failures.expect(put);
    }
    if (round % 5 == 0) failures.expect((*batch)->remove_row(kRows[1]).ok());
    const auto done = (*batch)->commit();
    failures.expect(done.ok() || is_changed(done.error()));
}

void put_times(Store& store, Failures& failures, int round) {
    auto batch = store.begin_cells(kTimeFamily, true);
    failures.expect(batch.ok());
    for (int i = 0; i < 5; ++i) {
        failures.expect((*batch)->put(kDay, std::to_string(kMorning + (round * 3 + i) * 60'000), "v").ok());
    }
    failures.expect((*batch)->commit().ok());
}

void append_lines(Store& store, Failures& failures, int round) {
    const auto batch = store.begin_lines();
    for (int i = 0; i < 5; ++i) {
        failures.expect(batch->append({"c", i % 2 == 0 ? "l" : "m", kMorning + round, "text", {}}).ok());
    }
    batch->set_origin("source", static_cast<std::uint64_t>(round / 2 + 1));
    failures.expect(batch->commit().ok());
}

void step_counter(Store& store, Failures& failures, int) {
    const auto batch = store.begin_counters();
    failures.expect(batch->add("row", "column", 1).ok());
    failures.expect(batch->commit().ok());
}

void remove_some(Store& store, Failures& failures, int round) {
    failures.expect(store.remove_cell(kTimeFamily, kDay, std::to_string(kMorning + round * 60'000)).ok());
    if (round % 10 == 0) failures.expect(store.remove_row(kTimeFamily, kDay).ok());
    const auto removed = store.remove_row("Shared", kRows[static_cast<std::size_t>(round) % kRows.size()]);
    failures.expect(removed.ok() || removed.error().code == Code::not_found || is_changed(removed.error()));
}

void change_family(Store& store, Failures& failures, int round) {
    if (round % 10 == 0) {
        const auto dropped = store.drop_family("Shared");
        failures.expect(dropped.ok() || dropped.error().code == Code::not_found);
    }
    failures.expect(store.create_family("Shared", ValueType::utf8).ok());
    failures.expect(store.declare_column("Shared", "color", ValueType::utf8, round % 2 == 0).ok());
}

void read_all(Store& store, Failures& failures, int round) {
    const auto found = store.find_rows("Shared", "color", "1", 10);
    failures.expect(found.ok() || found.error().code == Code::not_found ||
                    found.error().code == Code::conflict);
    const auto snapshot = store.snapshot();
    const auto rows = store.log_rows({}, snapshot);
    failures.expect(rows.ok());
    for (const LogRow& row : *rows) {
        LineRange range;
        range.order = round % 2 == 0 ? Order::ascending : Order::descending;
        const auto cursor = store.lines(row, range, snapshot);
        failures.expect(cursor.ok());
        for (;;) {
            const auto next = (*cursor)->next();
            failures.expect(next.ok());
            if (!next.ok() || !*next) break;
        }
    }
    failures.expect(store.slice(kTimeFamily, kDay, {}).ok());
    failures.expect(store.rows(kTimeFamily, "", "", 10).ok());
    failures.expect(store.families().size() >= 2);
    (void)store.stats();
}

}  // namespace

TEST_CASE("writers, removers, readers and changes of families at once leave a whole store") {
    OpenedStore store;
    Failures failures;
    const std::vector<std::function<void(Store&, Failures&, int)>> works{
        put_cells,    put_cells,    put_times,   append_lines,  append_lines,
        step_counter, step_counter, remove_some, change_family, read_all,
    };
    std::vector<std::thread> threads;
    for (const auto& work : works) {
        threads.emplace_back([&store, &failures, &work] {
            for (int round = 0; round < kRounds; ++round) {
                work(*store, failures, round);
                store.clock.advance(17);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(failures.count == 0);
    CHECK(must(store->counter("row", "column")) == 2 * kRounds);
    store.check();

    // Two shippers sent the same batches: each is there once, of those that were still in their row at the
    // end.
    std::uint64_t lines = 0;
    for (const LogRow& row : must(store->log_rows({}))) {
        if (row.log == "m") lines += store.lines(row, {}).size();
    }
    CHECK(lines == std::uint64_t{2} * (kRounds / 2));
    store.reopen();
    store.check();
}

TEST_CASE("cells of a day row that are posted by many at once are counted once") {
    OpenedStore store;
    std::vector<std::thread> threads;
    Failures failures;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                auto batch = store->begin_cells(kTimeFamily, true);
                failures.expect((*batch)->put(kDay, std::to_string(kMorning + i), "v").ok());
                failures.expect((*batch)->commit().ok());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(failures.count == 0);
    CHECK(must(store->counter(kDay, "logs")) == 50);
    CHECK(must(store->log_rows({})).size() == 1);
    store.check();
}
