#include "engine/sealer.h"

#include <random>
#include <thread>

#include "engine/block_merge.h"
#include "engine/key.h"
#include "engine/opening.h"
#include "engine/stored_block.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = 1'308'700'800'000;
const std::string kDay = "c:logs:l:2011:5:22";

SealingOptions by_hand() {
    SealingOptions sealing;
    sealing.background = false;
    sealing.block_bytes = 1000;
    return sealing;
}

// Seals in the background whatever it sees.
SealingOptions at_once() {
    SealingOptions sealing;
    sealing.idle_bytes = 1;
    sealing.idle_ms = 0;
    sealing.block_bytes = 1000;
    return sealing;
}

LogRow row_of(OpenedStore& store) {
    return must(store->log_rows({})).at(0);
}

std::vector<BlockInfo> blocks_of(OpenedStore& store) {
    return must(store->blocks(row_of(store), nullptr));
}

std::size_t fresh_lines(OpenedStore& store) {
    const LogRow row = row_of(store);
    const auto cursor = must(store->fresh_lines(row, {}, nullptr));
    std::size_t count = 0;
    while (must(cursor->next())) ++count;
    return count;
}

// With a bound.
void wait_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(condition());
}

// Calls back whenever somebody asks for the time.
class WatchingClock final : public Clock {
  public:
    std::int64_t now_ms() const override {
        if (asked) asked();
        return kMorning;
    }
    std::function<void()> asked;
};

// A store of rows that have two small blocks each, closed.
void make_small_blocks(OpenedStore& store, int rows) {
    for (int row = 0; row < rows; ++row) {
        for (int i = 0; i < 2; ++i) store.append("c", "l" + std::to_string(row), kMorning + i, "line");
    }
    REQUIRE(must(store->log_rows({})).size() == static_cast<std::size_t>(rows));
    store.close();
}

SealingOptions every_line_a_block() {
    SealingOptions sealing = by_hand();
    sealing.direct_bytes = 1;
    return sealing;
}

Opened open_core_of(const OpenedStore& store, const Clock& clock, const SealingOptions& sealing) {
    StoreOptions options;
    options.directory = store.data();
    options.clock = &clock;
    options.sealing = sealing;
    options.sync = SyncMode::off;
    options.memory_bytes = std::size_t{16} << 20;
    return must(open_core(options));
}

LineRange forwards() {
    LineRange range;
    range.order = Order::ascending;
    return range;
}

}  // namespace

TEST_CASE("fresh lines become blocks, between posted cells and behind each other") {
    OpenedStore store(by_hand());
    std::vector<std::string> wanted;
    for (int i = 0; i < 100; ++i) {
        store.append("c", "l", kMorning + i / 2, "line " + std::to_string(i) + std::string(20, 'x'));
        if (i % 10 == 9) store.put("CFLongType", kDay, std::to_string(kMorning + i / 2), "cell");
    }
    const std::vector<std::string> before = store.lines(row_of(store), {});
    const std::string slice = store.cells("CFLongType", kDay);
    REQUIRE(before.size() == 110);
    CHECK(store->stats().fresh_lines == 110);
    CHECK(store->stats().fresh_rows == 1);
    must(store->seal());
    CHECK(fresh_lines(store) == 0);
    CHECK(store->stats().block_lines == 110);
    CHECK(store->stats().blocks_sealed == 4);  // the posted cells are in one of their own
    CHECK(store->stats().fresh_lines == 0);
    CHECK(store.lines(row_of(store), {}) == before);
    CHECK(store.cells("CFLongType", kDay) == slice);
    store.check();
    must(store->seal());
    CHECK(store->stats().blocks_sealed == 4);
    store.reopen_after_crash();
    CHECK(store.lines(row_of(store), {}) == before);
    store.check();
}

TEST_CASE("many lines become a block at once, and what is written between them meanwhile stays") {
    SealingOptions sealing = by_hand();
    sealing.block_bytes = 20'000;
    OpenedStore store(sealing);
    constexpr int kLines = 3000;  // half of them in one block: their entries go as ranges
    std::vector<std::string> wanted;
    for (int i = 0; i < kLines; ++i) wanted.push_back("line " + std::to_string(i) + "....");
    const auto append = [&](int from, int step) {
        const auto batch = store->begin_lines();
        for (int i = from; i < kLines; i += step)
            must(batch->append({"c", "l", kMorning + i, wanted[static_cast<std::size_t>(i)], {}}));
        must(batch->commit());
    };
    append(0, 2);
    std::thread writer([&] {
        for (int i = 1; i < 20; i += 2) append(i, 20);
    });
    must(store->seal());
    writer.join();
    CHECK(store.lines(row_of(store), forwards()) == wanted);
    CHECK(store->stats().blocks_sealed > 0);
    must(store->seal());
    CHECK(fresh_lines(store) == 0);
    CHECK(store.lines(row_of(store), forwards()) == wanted);
    store.check();
    store.reopen_after_crash();
    CHECK(store.lines(row_of(store), forwards()) == wanted);
}

TEST_CASE("fields over several lines are not sealed, and not tried again and again") {
    OpenedStore store(at_once());
    const auto batch = store->begin_lines();
    must(batch->append({"c", "l", kMorning, "a", "{\n}"}));
    must(batch->append({"c", "l", kMorning, "b", "{}"}));
    must(batch->commit());
    wait_for([&] { return store->stats().block_lines == 1; });
    wait_for([&] { return store->stats().fresh_lines == 0; });
    CHECK(fresh_lines(store) == 1);
    CHECK(store.lines(row_of(store), forwards()) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the background seals what it is told of, and what an earlier process has left") {
    OpenedStore store(by_hand());
    for (int i = 0; i < 50; ++i) store.append("c", "l", kMorning + i, "line " + std::to_string(i));
    CHECK(blocks_of(store).empty());
    store.sealing = at_once();
    store.reopen();
    wait_for([&] { return store->stats().block_lines == 50; });
    store.append("c", "l", kMorning + 100, "another");
    wait_for([&] { return store->stats().block_lines == 51; });
    CHECK(store.lines(row_of(store), {}).size() == 51);
    CHECK(store->stats().sealing_failures == 0);
    CHECK(store->stats().last_sealing_error.empty());
    store.check();
}

TEST_CASE("small blocks are merged, and their order does not change") {
    OpenedStore store(by_hand());
    std::mt19937 random(5);
    for (int i = 0; i < 60; ++i) {
        const auto time = static_cast<std::int64_t>(random() % 1000);  // ranges overlap
        store.append("c", "l", kMorning + time, "line " + std::to_string(i));
        store.append("c", "l", kMorning + time / 2, "line " + std::to_string(i) + " b");
        must(store->seal());
    }
    CHECK(store->stats().blocks_merged > 10);
    CHECK(blocks_of(store).size() < 10);
    const std::vector<std::string> lines = store.lines(row_of(store), forwards());
    CHECK(lines.size() == 120);
    CHECK(fresh_lines(store) == 0);
    store.check();
    store.reopen_after_crash();
    CHECK(store.lines(row_of(store), forwards()) == lines);
}

TEST_CASE("a row that nobody writes to any more ends as few blocks") {
    SealingOptions sealing = at_once();
    sealing.settle_ms = 0;
    OpenedStore store(sealing);
    for (const unsigned size : {800U, 400U, 400U, 200U, 200U, 100U, 3U}) {
        store.append("c", "l", kMorning + 1000 - size, std::string(size, 'x'));
        wait_for([&] { return fresh_lines(store) == 0; });
    }
    wait_for([&] {
        std::size_t small = 0;
        for (const BlockInfo& block : blocks_of(store)) small += block.text_bytes < 500 ? 1 : 0;
        return small <= 1;
    });
    CHECK(store.lines(row_of(store), {}).size() == 7);
    store.check();
}

TEST_CASE("a start finds small blocks that an earlier process has left, of lines and of cells") {
    OpenedStore store(every_line_a_block());
    for (int i = 0; i < 2; ++i) {
        store.put("CFLongType", "c:logs:cells:2011:5:22", std::to_string(kMorning + i),
                  std::string(i == 0 ? 400 : 10, 'x'));
        must(store->seal());
    }
    for (int row = 0; row < 150; ++row) {  // more than are looked at in one go
        for (int i = 0; i < 3; ++i)
            store.append("c", "l" + std::to_string(row), kMorning + i, "line " + std::to_string(i));
    }
    CHECK(store->stats().blocks == 452);
    store.sealing = at_once();
    store.sealing.settle_ms = 0;
    store.reopen();
    wait_for([&] { return store->stats().blocks == 151; });
    for (const LogRow& row : must(store->log_rows({})))
        CHECK(store.lines(row, {}).size() == (row.log == "cells" ? 2 : 3));
    CHECK(store->stats().sealing_failures == 0);
    store.check();
}

TEST_CASE("blocks that are not merged any more are covered by the word index when nobody writes") {
    OpenedStore store(at_once());
    for (int i = 0; i < 200; ++i) {
        store.append("c", "l", kMorning + i, "word" + std::to_string(i) + std::string(600, 'x'));
        store.clock.advance(1);
    }
    wait_for([&] { return store->stats().index_blocks >= 64; });
    CHECK(store.lines(row_of(store), {}).size() == 200);
    CHECK(store->stats().sealing_failures == 0);
    store.check();
}

TEST_CASE("a sealer that is asked to stop finishes the row's block at work, and begins no other") {
    OpenedStore store(every_line_a_block());
    make_small_blocks(store, 50);
    SealingOptions sealing = at_once();
    sealing.settle_ms = 0;
    WatchingClock clock;
    const Opened opened = open_core_of(store, clock, sealing);
    {
        Sealer sealer(*opened.core);
        clock.asked = [&] {
            StoreStats stats;
            sealer.tell(stats);
            if (stats.blocks_merged != 0) sealer.request_stop();
        };
        sealer.start();
        StoreStats stats;
        wait_for([&] {
            sealer.tell(stats);
            return stats.blocks_merged != 0;
        });
        sealer.stop();
        sealer.tell(stats);
        CHECK(stats.blocks_merged == 2);
        clock.asked = nullptr;
    }
    std::size_t merged = 0;
    for (RowId row = 1; row <= 200; ++row) merged += must(list_blocks(*opened.core, row)).size() == 1 ? 1 : 0;
    CHECK(merged == 1);
    must(opened.core->database->close());
}

TEST_CASE("merging and compacting ask before each block whether to go on") {
    for (const MergeWhen when : {MergeWhen::for_good, MergeWhen::compact}) {
        OpenedStore store(every_line_a_block());
        const int lines = 400;
        for (int i = 0; i < lines; ++i) store.append("c", "l", kMorning + i, std::string(100, 'x'));
        store.close();
        WatchingClock clock;
        const Opened opened = open_core_of(store, clock, by_hand());
        const auto partition = must(opened.core->database->next_partition(kv::Space::blocks, std::nullopt));
        const RowId row = must(key::parse_row(*partition));
        int asked = 0;
        const Merged merged = must(merge_blocks(*opened.core, row, when, [&] { return ++asked < 3; }));
        CHECK(merged.stopped);
        CHECK(merged.after == 2);
        CHECK(must(list_blocks(*opened.core, row)).size() == lines - merged.before + merged.after);
        must(opened.core->database->close());
    }
}

TEST_CASE("compaction makes great blocks of all, and leaves them alone the next time") {
    OpenedStore store(by_hand());
    for (int i = 0; i < 400; ++i) {
        store.append("c", "l", kMorning + i, "line " + std::to_string(i) + std::string(40, 'x'));
        if (i % 7 == 0) must(store->seal());
    }
    const std::vector<std::string> lines = store.lines(row_of(store), forwards());
    CHECK(blocks_of(store).size() > 10);
    std::uint64_t told = 0;
    must(store->compact([&](const ProgressReport& report) {
        if (report.stage == "blocks") told = report.total;
        return true;
    }));
    CHECK(told >= 400 * 47);
    const std::vector<BlockInfo> blocks = blocks_of(store);
    CHECK(blocks.size() <= 14);
    for (const BlockInfo& block : blocks) CHECK(block.tight);
    CHECK(fresh_lines(store) == 0);
    CHECK(store.lines(row_of(store), forwards()) == lines);

    const auto numbers = [&] {
        std::vector<std::uint64_t> out;
        for (const BlockInfo& block : blocks_of(store)) out.push_back(block.number);
        return out;
    };
    const auto before = numbers();
    must(store->compact());
    CHECK(numbers() == before);
    CHECK(code_of(store->compact([](const ProgressReport&) { return false; })) == Code::cancelled);
    store.check();
    store.reopen_after_crash();
    CHECK(store.lines(row_of(store), forwards()) == lines);
}

TEST_CASE("writers, removers and sealer at the same time lose nothing and show nothing twice") {
    SealingOptions sealing = at_once();
    sealing.direct_bytes = 300;
    OpenedStore store(sealing);
    constexpr int kLines = 3000;
    std::atomic<bool> done{false};
    std::thread remover([&] {
        std::mt19937 random(3);
        while (!done) {
            store.put("CFLongType", kDay, std::to_string(kMorning + random() % 500), "cell");
            must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 1 + random() % 3)));
        }
    });
    std::thread sealer([&] {
        while (!done) must(store->seal());
    });
    std::mt19937 random(4);
    for (int i = 0; i < kLines;) {
        const auto batch = store->begin_lines();
        for (std::size_t n = 1 + random() % 20; n > 0 && i < kLines; --n, ++i) {
            // Not among the times that are removed.
            const auto time = kMorning + 100 + static_cast<std::int64_t>(random() % 400);
            must(batch->append({"c", "l", time, "line " + std::to_string(i) + ".", {}}));
        }
        must(batch->append({"c", "l", kMorning + 2, "goes", {}}));
        must(batch->commit());
    }
    done = true;
    remover.join();
    sealer.join();
    for (int i = 1; i < 4; ++i) must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + i)));
    std::vector<std::string> lines;
    for (const std::string& line : store.lines(row_of(store), {})) {
        if (line.starts_with("line ")) lines.push_back(line);
        CHECK(line != "goes");
    }
    CHECK(lines.size() == kLines);
    std::sort(lines.begin(), lines.end());
    CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
    store.check();
}
