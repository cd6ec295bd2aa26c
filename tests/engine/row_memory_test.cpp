#include "engine/row_memory.h"

#include <atomic>
#include <thread>

#include "engine/key.h"
#include "tests/engine/kv_database.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr RowId kRow = 7;

// A database of which nothing is needed but that it counts its writes.
struct Moments {
    std::uint64_t now = 100;
    RowMemory memory{[this] { return now; }, std::size_t{64} << 10};

    RowMemory::Asked ask(std::uint64_t moment, RowId row = kRow) {
        return memory.ask(row, RowMemory::kBlocks, moment);
    }
    void keep(std::uint64_t turn, std::size_t blocks, RowId row = kRow) {
        memory.keep(row, RowMemory::kBlocks, turn,
                    {std::make_shared<const std::vector<BlockInfo>>(blocks), false});
    }
};

// A batch that writes to blocks of the row.
struct Written {
    Written() : database(open_database(directory / "db")), batch(database->new_batch()) {
        batch->put(kv::Space::blocks, key::row(kRow), key::block_head(1), "");
    }
    TempDirectory directory;
    std::unique_ptr<kv::Database> database;
    std::unique_ptr<kv::Batch> batch;
};

}  // namespace

TEST_CASE("what was read of a row is known until the row changes, for the moments that see it") {
    Moments store;
    const Written written;
    auto asked = store.ask(90);
    CHECK_FALSE(asked.known);
    CHECK(asked.turn == 0);  // something may have changed between 90 and 100
    asked = store.ask(100);
    REQUIRE(asked.turn != 0);
    store.keep(asked.turn, 3);
    store.now = 110;
    for (const std::uint64_t moment : {100, 105, 110, 120}) {
        asked = store.ask(moment);
        CHECK(asked.known);
        CHECK(asked.fact.blocks->size() == 3);
    }
    CHECK_FALSE(store.ask(99).known);
    {
        const RowMemory::Change change(store.memory, *written.batch);
        CHECK(store.ask(110).known);  // from before it
        asked = store.ask(111);       // perhaps it is seen, perhaps not
        CHECK_FALSE(asked.known);
        CHECK(asked.turn == 0);
        store.now = 115;
    }
    CHECK(store.ask(110).known);
    CHECK(store.ask(112).turn == 0);
    asked = store.ask(115);
    CHECK_FALSE(asked.known);
    REQUIRE(asked.turn != 0);
    store.keep(asked.turn, 4);
    CHECK(store.ask(115).fact.blocks->size() == 4);
    CHECK_FALSE(store.ask(112).known);
}

TEST_CASE("what was read of a row that changes meanwhile is not kept") {
    Moments store;
    const Written written;
    const auto asked = store.ask(100);
    { const RowMemory::Change change(store.memory, *written.batch); }
    store.keep(asked.turn, 3);
    CHECK_FALSE(store.ask(100).known);

    Moments later;
    auto change = std::make_unique<RowMemory::Change>(later.memory, *written.batch);
    CHECK(later.ask(100).turn == 0);  // a change that it has not seen begin
    later.now = 105;
    change.reset();
    CHECK(later.ask(104).turn == 0);
    CHECK(later.ask(105).turn != 0);
}

TEST_CASE("blocks and entries of a row are known by themselves") {
    Moments store;
    const Written written;
    const auto blocks = store.ask(100);
    const auto entries = store.memory.ask(kRow, RowMemory::kEntries, 100);
    { const RowMemory::Change change(store.memory, *written.batch); }
    store.keep(blocks.turn, 3);
    store.memory.keep(kRow, RowMemory::kEntries, entries.turn, {nullptr, true});
    CHECK_FALSE(store.ask(100).known);
    CHECK(store.memory.ask(kRow, RowMemory::kEntries, 100).fact.any);
}

TEST_CASE("what is known of rows keeps to its limit, and what is not asked for goes") {
    Moments store;
    for (int round = 0; round < 10; ++round) {
        for (RowId row = 0; row < 1000; ++row) {
            const auto asked = store.ask(100, row);
            if (asked.turn != 0) store.keep(asked.turn, 1, row);
            CHECK(store.memory.bytes() <= std::size_t{64} << 10);
        }
    }
    std::size_t known = 0;
    for (RowId row = 0; row < 1000; ++row) known += store.ask(100, row).known ? 1U : 0U;
    CHECK(known > 50);
    for (int round = 0; round < 100; ++round) {
        for (RowId row = 5000; row < 5050; ++row) {
            const auto asked = store.ask(100, row);
            if (asked.turn != 0) store.keep(asked.turn, 1, row);
        }
    }
    for (RowId row = 5000; row < 5050; ++row) CHECK(store.ask(100, row).known);
}

TEST_CASE("a batch tells to which rows it writes, and a snapshot its moment") {
    const TempDirectory directory;
    const auto database = open_database(directory / "db");
    const auto batch = database->new_batch();
    for (const RowId row : {3, 4, 3, 4, 4, 3}) batch->put(kv::Space::entries, key::row(row), "k", "v");
    batch->remove(kv::Space::blocks, key::row(5), "k");
    batch->remove_partition(kv::Space::blocks, key::row(6));
    batch->remove_range(kv::Space::blocks, key::row(7), "a", "b");
    batch->put(kv::Space::cells, "other", "k", "v");
    CHECK(batch->partitions(kv::Space::entries) == Keys{key::row(3), key::row(4)});
    CHECK(batch->partitions(kv::Space::blocks) == Keys{key::row(5), key::row(6), key::row(7)});

    const SnapshotPtr before = database->snapshot();
    const std::uint64_t at = database->moment();
    CHECK(database->moment(before) == at);
    REQUIRE(database->apply(*batch).ok());
    CHECK(database->moment() > at);
    CHECK(database->moment(before) == at);
    CHECK(database->moment(database->snapshot()) == database->moment());
}

TEST_CASE("snapshots see their own moment while rows are written and sealed") {
    SealingOptions sealing;
    sealing.background = false;
    sealing.direct_bytes = 500;
    OpenedStore store(sealing);
    constexpr int kRounds = 150;
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (int round = 0; round < kRounds; ++round) {
            // Of each round as many lines are sealed at once as are not.
            const auto direct = store->begin_lines();
            for (int i = 0; i < 20; ++i)
                (void)direct->append({"c", "l", 1'308'700'800'000 + round, std::string(50, 'a'), {}});
            (void)direct->commit();
            const auto fresh = store->begin_lines();
            (void)fresh->append({"c", "l", 1'308'700'800'000 + round, "b", {}});
            (void)fresh->commit();
            if (round % 20 == 0) (void)store->seal();
        }
        done = true;
    });
    // All that is there at a moment, twice, with the same snapshot: nothing is missing and nothing there
    // twice.
    std::size_t rounds = 0;
    std::size_t wrong = 0;
    while (!done || rounds == 0) {
        const SnapshotPtr snapshot = store->snapshot();
        const auto rows = must(store->log_rows({}, snapshot));
        if (rows.empty()) continue;
        const auto count = [&] {
            std::size_t lines = 0;
            for (const BlockInfo& block : must(store->blocks(rows[0], snapshot))) lines += block.lines;
            const auto cursor = must(store->fresh_lines(rows[0], {}, snapshot));
            while (must(cursor->next())) ++lines;
            return lines;
        };
        const std::size_t lines = count();
        if (lines % 21 != 0 && lines % 21 != 20) ++wrong;
        if (count() != lines) ++wrong;
        ++rounds;
    }
    writer.join();
    CHECK(wrong == 0);
    const auto rows = must(store->log_rows({}));
    CHECK(store.lines(rows[0], {}).size() == kRounds * 21);
}
