#include "engine/reindexing.h"

#include <set>
#include <thread>

#include "engine/block/word_filter.h"
#include "tests/engine/damaged_block.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = StoreOfBlocks::kMorning;

std::set<std::uint64_t> numbers_of(StoreOfBlocks& store) {
    std::set<std::uint64_t> out;
    for (const LogRow& row : must(store->log_rows({}))) {
        for (const BlockInfo& block : must(store->blocks(row, nullptr))) out.insert(block.number);
    }
    return out;
}

ReindexRequest all() {
    ReindexRequest request;
    request.all = true;
    return request;
}

void lose_filter(StoreOfBlocks& store, const BlockInfo& block) {
    store.change_section(block, block::kFilter, [](std::string& raw) { raw = block::WordGatherer().take(); });
}

}  // namespace

TEST_CASE("blocks that are sound stay as they are") {
    StoreOfBlocks store;
    const auto before = numbers_of(store);
    const ReindexReport report = must(store->reindex({}));
    CHECK(report.rows == 2);
    CHECK(report.blocks == 4);
    CHECK(report.rebuilt == 0);
    CHECK(report.sums == 0);
    CHECK(report.problem_count == 0);
    CHECK(numbers_of(store) == before);
}

TEST_CASE("a second reindexing at a time is refused") {
    StoreOfBlocks store;
    Code second = Code::io;
    const Progress while_running = [&](const ProgressReport&) {
        if (second == Code::io) std::thread([&] { second = code_of(store->reindex({})); }).join();
        return true;
    };
    CHECK(must(store->reindex(all(), while_running)).rebuilt == 4);
    CHECK(second == Code::busy);
    CHECK(must(store->reindex({})).blocks == 4);
}

TEST_CASE("all blocks can be made anew, with the same lines and cells") {
    StoreOfBlocks store;
    if (GENERATE(false, true)) must(store->compact());
    const auto before = numbers_of(store);
    const auto content = store.everything();
    const StoreStats stats = store->stats();
    const ReindexReport report = must(store->reindex(all()));
    CHECK(report.rebuilt == before.size());
    const auto after = numbers_of(store);
    CHECK(after.size() == before.size());
    CHECK(*after.begin() > *before.rbegin());
    CHECK(store.everything() == content);
    CHECK(store->stats().block_lines == stats.block_lines);
    CHECK(store->stats().block_text_bytes == stats.block_text_bytes);
    CHECK(store->stats().block_stored_bytes == stats.block_stored_bytes);
    store.check();
    store.reopen_after_crash();
    CHECK(store.everything() == content);
    store.check();
    // A cell that comes into the range of such a block turns it into entries first, as of any.
    store.post(StoreOfBlocks::kLog, kMorning + 10'005, "late", 0);
    CHECK(must(store->get("CFLongType", StoreOfBlocks::kLog, std::to_string(kMorning + 10'010)))->value ==
          StoreOfBlocks::posted(1));
    store.check();
}

TEST_CASE("whatever of a block is derived is mended") {
    StoreOfBlocks store;
    const auto content = store.everything();
    const bool cells = GENERATE(false, true);
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, cells);
    SECTION("words") {
        lose_filter(store, block);
    }
    SECTION("a damaged filter") {
        store.change_stored(block,
                            [](std::vector<std::string>& sections) { sections[block::kFilter].back() ^= 1; });
    }
    SECTION("a summary of numbers") {
        store.change_directory(block, [](block::NewDirectory& directory) {
            for (block::NewDirectory::OfColumn& column : directory.columns) {
                if (column.summary.number) column.summary.range = {1, 2, 0};
            }
        });
    }
    SECTION("a summary that takes texts for numbers, or the other way") {
        store.change_directory(block, [](block::NewDirectory& directory) {
            for (block::NewDirectory::OfColumn& column : directory.columns) {
                column.summary.number = !column.summary.number;
                column.summary.classes = block::kUpperLetters;
            }
        });
    }
    SECTION("lines and text of the head") {
        store.change_head(block, [](BlockInfo& head) {
            head.lines = 1;
            head.text_bytes = 2;
        });
    }
    SECTION("ends of the head") {
        store.change_head(block, [](BlockInfo& head) {
            head.first.time_ms += 20;
            head.last.time_ms -= 20;
            if (head.cells == 0) return;
            head.first_cell_ms += 20;
            head.last_cell_ms -= 20;
            head.first_expiry_ms = head.last_expiry_ms = 0;
        });
    }
    SECTION("size and sections of the head") {
        store.change_head(block, [](BlockInfo& head) {
            head.stored_bytes = 3 * kWholeBlockBytes;
            head.sections = 1;
        });
    }
    const VerifyReport damaged = must(store->verify());
    CHECK(damaged.problem_count > 0);
    const ReindexReport report = must(store->reindex({}));
    CHECK(report.rebuilt == 1);
    CHECK(report.problem_count == 0);
    store.check();
    CHECK(store.everything() == content);
}

TEST_CASE("sums over blocks and rows are corrected, unless rows are left out") {
    StoreOfBlocks store;
    const StoreStats stats = store->stats();
    store.change([](kv::Database&, kv::Batch& batch) {
        batch.add(key::kOwnCounters, key::kBlockCount, 3);
        batch.add(key::kOwnCounters, key::kBlockLines, -3);
        batch.add(key::kOwnCounters, key::kBlockText, 1'000'000);
        batch.add(key::kOwnCounters, key::kBlockBytes, -1'000'000);
        batch.add(key::kOwnCounters, key::kRowCount, 1);
    });
    ReindexRequest some;
    some.rows.key_prefix = "c:";
    CHECK(must(store->reindex(some)).sums == 0);
    CHECK(must(store->verify()).problem_count == 5);
    CHECK(must(store->reindex({})).sums == 5);
    store.check();
    CHECK(store->stats().block_text_bytes == stats.block_text_bytes);
    CHECK(store->stats().rows == stats.rows);
}

TEST_CASE("only the rows asked for are looked at") {
    StoreOfBlocks store;
    lose_filter(store, store.block_of(StoreOfBlocks::kLog, true));
    lose_filter(store, store.block_of(StoreOfBlocks::kPlugin, true));
    ReindexRequest plugins;
    plugins.rows.accept = [](const LogRow& row) { return row.kind == RowKind::plugins; };
    const ReindexReport report = must(store->reindex(plugins));
    CHECK(report.rows == 1);
    CHECK(report.rebuilt == 1);
    CHECK(must(store->verify()).problem_count == 1);
    CHECK(must(store->reindex({})).rebuilt == 1);
    store.check();
}

TEST_CASE("a block whose lines cannot be read is told, and the others are mended") {
    StoreOfBlocks store;
    const BlockInfo unreadable = store.block_of(StoreOfBlocks::kLog, false);
    lose_filter(store, store.block_of(StoreOfBlocks::kLog, true));
    store.change_stored(unreadable,
                        [](std::vector<std::string>& sections) { sections[block::kIds].back() ^= 1; });
    const ReindexReport report = must(store->reindex(GENERATE(false, true) ? all() : ReindexRequest{}));
    CHECK(report.rebuilt >= 1);
    REQUIRE(report.problem_count == 1);
    CHECK(report.problems[0].starts_with("block " + std::to_string(unreadable.number) + " of row number"));
    CHECK(report.problems[0].ends_with("; restore a backup"));
    CHECK(must(store->verify()).problem_count == 1);
}

TEST_CASE("what was cut off goes on, also after a crash") {
    StoreOfBlocks store;
    const auto before = numbers_of(store);
    const auto content = store.everything();
    int reports = 0;
    const auto stopped = store->reindex(all(), [&](const ProgressReport& report) {
        CHECK(report.stage == "reindex");
        CHECK(report.done <= report.total);
        return ++reports < 3;
    });
    CHECK(code_of(stopped) == Code::cancelled);
    const auto between = numbers_of(store);
    CHECK(between.size() == before.size());
    std::size_t left = 0;
    for (const std::uint64_t number : before) left += between.contains(number) ? 1U : 0U;
    CHECK(left > 0);
    CHECK(left < before.size());
    store.reopen_after_crash();
    store.check();
    CHECK(store.everything() == content);
    CHECK(must(store->reindex(all())).rebuilt == left);
    store.check();
    CHECK(store.everything() == content);
    CHECK(must(store->reindex(all())).rebuilt == before.size());  // that was done: another run is a new one
}

TEST_CASE("a process that is killed meanwhile leaves each block as it was or as it is to be") {
    StoreOfBlocks store;
    const auto content = store.everything();
    const int at = GENERATE(1, 2, 3, 4);
    int reports = 0;
    (void)store->reindex(all(), [&](const ProgressReport&) { return ++reports <= at; });
    store.reopen_after_crash();
    store.check();
    CHECK(store.everything() == content);
}

TEST_CASE("writers go on while blocks are made anew") {
    StoreOfBlocks store;
    std::thread writer([&] {
        for (int i = 0; i < 200; ++i) {
            store.append("c", "l", kMorning + 7 * i, "late line " + std::to_string(i));
            store.post(StoreOfBlocks::kLog, kMorning + 10'001 + 2 * i, "late cell " + std::to_string(i), 0);
            if (i % 20 == 0)
                must(
                    store->remove_cell("CFLongType", StoreOfBlocks::kLog, std::to_string(kMorning + 10 * i)));
        }
    });
    for (int i = 0; i < 5; ++i) {
        CHECK(must(store->reindex(all())).problem_count == 0);
        must(store->seal());
    }
    writer.join();
    store.check();
    SliceRange range;
    range.limit = 10'000;
    range.from = std::to_string(kMorning + 10'000);
    CHECK(must(store->slice("CFLongType", StoreOfBlocks::kLog, range)).cells.size() == 240);
    std::size_t late = 0;
    for (const std::string& text : store.lines(store.row(StoreOfBlocks::kLog), {}))
        late += text.starts_with("late line") ? 1U : 0U;
    CHECK(late > 190);
}

TEST_CASE("a store that is only read is not reindexed") {
    StoreOfBlocks store;
    StoreOptions options;
    options.directory = store.data();
    options.read_only = true;
    store.close();
    const auto reader = must(Store::open(options));
    CHECK(code_of(reader->reindex({})) == Code::unavailable);
}

TEST_CASE("a damaged word index is told, and made anew") {
    StoreOfBlocks store;
    must(store->compact());  // its blocks are at rest, and in the index
    store.check();
    CHECK(store->stats().index_segments > 0);
    const std::uint64_t covered = store->stats().index_blocks;
    const auto damage = [&](bool head) {
        store.change([&](kv::Database& database, kv::Batch& batch) {
            const std::string partition = must(database.next_partition(kv::Space::words, std::nullopt)).value();
            batch.put(kv::Space::words, partition, head ? key::segment_head() : key::segment_page(0), "damaged");
        });
    };
    for (const bool head : {false, true}) {
        damage(head);
        CHECK(must(store->verify()).problem_count == 1);
        const ReindexReport report = must(store->reindex({}));
        CHECK(report.rebuilt == 0);
        CHECK(report.segments > 0);
        store.check();
        CHECK(store->stats().index_blocks == covered);
        CHECK(must(store->reindex({})).segments == 0);
    }
    // Blocks that are made anew are in it again.
    CHECK(must(store->reindex(all())).segments > 0);
    CHECK(store->stats().index_blocks == covered);
    store.check();
}
