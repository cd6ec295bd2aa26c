// Posted cells with a time to live, before, while and after they stand in blocks.
#include "engine/expired_blocks.h"

#include <thread>

#include "engine/opening.h"
#include "engine/upkeep.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kToday = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC
constexpr std::int64_t kDaySeconds = 86'400;
const std::string kRow = "c:plugins:cpu:2011:5:22";

// Values of a plugin, one a second from `first` on; the texts tell them apart.
void post(OpenedStore& store, const std::string& row, int first, int cells, std::int64_t ttl) {
    const auto batch = must(store->begin_cells(kTimeFamily, true));
    for (int i = first; i < first + cells; ++i) {
        must(batch->put(row, std::to_string(kToday + i * 1000),
                        "{\"value\":" + std::to_string(i) + ",\"unit\":\"percent of all\"}", ttl));
    }
    must(batch->commit());
}

// How many there are for one who asks for cells, and for one who searches: the same.
std::size_t seen(OpenedStore& store, const std::string& row) {
    SliceRange range;
    range.limit = 100'000;
    const std::size_t cells = must(store->slice(kTimeFamily, row, range)).cells.size();
    std::size_t lines = 0;
    for (const LogRow& log_row : must(store->log_rows({}))) {
        if (log_row.key == row) lines = store.lines(log_row, {}).size();
    }
    CHECK(lines == cells);
    return cells;
}

OpenedStore sealing_by_hand(std::size_t block_bytes = 20'000) {
    SealingOptions sealing;
    sealing.background = false;
    sealing.block_bytes = block_bytes;
    return OpenedStore(sealing);
}

bool wait_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

// What the background would do.
void look(OpenedStore& store) {
    const std::string data = store.data();
    store.close();
    StoreOptions options;
    options.directory = data;
    options.clock = &store.clock;
    options.sealing = store.sealing;
    {
        Opened opened = must(open_core(options));
        Upkeep upkeep(*opened.core);
        must(upkeep.look());
        CHECK(opened.core->activity.upkeep_failures == 0);
        must(opened.core->database->close());
    }
    store.reopen();
}

}  // namespace

TEST_CASE("expired cells show nowhere, whatever has become of them") {
    OpenedStore store = sealing_by_hand();
    post(store, kRow, 0, 1000, kDaySeconds);
    post(store, kRow, 1000, 1000, 2 * kDaySeconds);
    post(store, kRow, 2000, 1000, 0);
    const auto check = [&](std::size_t cells) {
        CHECK(seen(store, kRow) == cells);
        must(store->seal());
        CHECK(seen(store, kRow) == cells);
        SECTION("after a restart") {
            store.reopen();
        }
        SECTION("after a crash") {
            store.reopen_after_crash();
        }
        SECTION("after a compaction") {
            must(store->compact());
        }
        SECTION("after a look of the background") {
            look(store);
        }
        CHECK(seen(store, kRow) == cells);
        store.check();
    };
    SECTION("while all are there") {
        check(3000);
    }
    SECTION("sealed before") {
        must(store->seal());
        CHECK(store->stats().blocks > 3);
        store.clock.advance(kDaySeconds * 1000 - 1);
        CHECK(seen(store, kRow) == 3000);
        store.clock.advance(1);
        CHECK(seen(store, kRow) == 2000);
        store.clock.advance(kDaySeconds * 1000);
        check(1000);
    }
    SECTION("sealed afterwards") {
        store.clock.advance(kDaySeconds * 1000);
        check(2000);
    }
    SECTION("compacted before") {
        must(store->compact());
        store.clock.advance(2 * kDaySeconds * 1000);
        check(1000);
    }
}

TEST_CASE("blocks whose cells have all expired go, and their row with the last of them") {
    OpenedStore store = sealing_by_hand();
    post(store, kRow, 0, 1000, kDaySeconds);
    post(store, kRow, 1000, 1000, 2 * kDaySeconds);
    const std::string other = "c:plugins:disk:2011:5:22";
    post(store, other, 0, 10, 0);
    must(store->seal());
    const std::uint64_t blocks = store->stats().blocks;
    REQUIRE(blocks > 3);
    look(store);
    CHECK(store->stats().blocks == blocks);

    store.clock.advance(kDaySeconds * 1000);
    look(store);
    const std::uint64_t left = store->stats().blocks;
    CHECK(left < blocks);
    CHECK(left > 1);
    CHECK(seen(store, kRow) == 1000);
    store.check();

    // A cell that comes late stands by itself, and goes by itself.
    post(store, kRow, 10, 1, 2 * kDaySeconds);
    store.clock.advance(kDaySeconds * 1000);
    SECTION("in the background") {
        look(store);
        CHECK(store->stats().blocks == 1);
        CHECK(seen(store, kRow) == 1);
    }
    SECTION("by a compaction") {
        must(store->compact());
        CHECK(store->stats().expired_blocks_dropped > 0);
        CHECK(store->stats().blocks == 2);  // the late one is in a block of its own
        CHECK(seen(store, kRow) == 1);
    }
    store.check();
    store.clock.advance(kDaySeconds * 1000);
    must(store->compact());
    CHECK(seen(store, kRow) == 0);
    CHECK(store->stats().blocks == 1);
    CHECK(store->stats().block_lines == 10);
    CHECK(must(store->log_rows({})).size() == 1);
    CHECK(seen(store, other) == 10);
    store.check();
}

TEST_CASE("a row that has nothing but expired blocks goes with them") {
    OpenedStore store = sealing_by_hand();
    post(store, kRow, 0, 1000, kDaySeconds);
    must(store->seal());
    store.clock.advance(kDaySeconds * 1000);
    look(store);
    CHECK(store->stats().blocks == 0);
    CHECK(store->stats().block_stored_bytes == 0);
    CHECK(must(store->log_rows({})).empty());
    CHECK(store->stats().rows == must(store->rows(kIndexFamily, "", "", 1000)).size());
    post(store, kRow, 0, 10, 0);
    CHECK(seen(store, kRow) == 10);
    store.check();
}

TEST_CASE("a block is made anew once half of its cells have expired") {
    OpenedStore store = sealing_by_hand(std::size_t{1} << 20);
    for (int i = 0; i < 300; ++i) post(store, kRow, i, 1, i % 3 == 2 ? 0 : (1 + i % 3) * kDaySeconds);
    must(store->seal());
    REQUIRE(store->stats().blocks == 1);
    const std::uint64_t lines = store->stats().block_lines;
    store.clock.advance(kDaySeconds * 1000);
    look(store);
    CHECK(seen(store, kRow) == 200);
    CHECK(store->stats().block_lines == lines);  // a third is not worth it
    store.clock.advance(kDaySeconds * 1000);
    look(store);
    CHECK(seen(store, kRow) == 100);
    CHECK(store->stats().blocks == 1);
    CHECK(store->stats().block_lines == 100);
    store.check();
}

TEST_CASE("a compaction makes anew whatever holds something expired") {
    OpenedStore store = sealing_by_hand(std::size_t{1} << 20);
    for (int i = 0; i < 300; ++i) post(store, kRow, i, 1, i % 3 == 0 ? kDaySeconds : 0);
    must(store->compact());
    store.clock.advance(kDaySeconds * 1000);
    must(store->compact());
    CHECK(store->stats().expired_blocks_rewritten == 1);
    CHECK(store->stats().block_lines == 200);
    CHECK(seen(store, kRow) == 200);
    must(store->compact());
    CHECK(store->stats().expired_blocks_rewritten == 1);
    store.check();
}

TEST_CASE("the background drops what has expired while writers go on") {
    OpenedStore store = sealing_by_hand();
    store.options.upkeep.interval_ms = 10;
    store.reopen();
    const std::string other = "c:plugins:disk:2011:5:22";
    for (int round = 0; round < 20; ++round) {
        post(store, kRow, round * 100, 100, kDaySeconds);
        post(store, other, round * 100, 100, 0);
        must(store->seal());
        store.clock.advance(kDaySeconds * 1000);
        CHECK(seen(store, kRow) == 0);
        CHECK(seen(store, other) == static_cast<std::size_t>(round + 1) * 100);
    }
    CHECK(wait_for([&] { return store->stats().block_lines == 2000; }));
    CHECK(store->stats().expired_blocks_dropped > 0);
    CHECK(store->stats().upkeep_failures == 0);
    CHECK(seen(store, other) == 2000);
    store.check();
}
