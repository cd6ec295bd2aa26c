#include "engine/block_verification.h"

#include "engine/block/id_section.h"
#include "engine/block/word_filter.h"
#include "tests/engine/damaged_block.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = StoreOfBlocks::kMorning;
const std::string kMadeAnew = "; \"nm-tool reindex\" makes it anew";
const std::string kRestored = "; restore a backup";

// That a verification says `what` of the block of this row, and what is to be done.
void finds(StoreOfBlocks& store, const BlockInfo& block, const std::string& row, const std::string& what,
           const std::string& to_do) {
    const VerifyReport report = must(store->verify());
    const std::string name = "block " + std::to_string(block.number) + " of row number " +
                             std::to_string(block.first.row) + " (\"" + row + "\")";
    std::size_t told = 0;
    for (const std::string& problem : report.problems) {
        UNSCOPED_INFO(problem);
        if (problem.starts_with(name) && problem.find(what) != std::string::npos && problem.ends_with(to_do))
            ++told;
    }
    CHECK(told == 1);
}

// The first column of texts, or of numbers.
std::size_t column_of(const block::NewDirectory& directory, bool numbers) {
    std::size_t column = 0;
    while (directory.columns.at(column).summary.number != numbers) ++column;
    return column;
}

}  // namespace

TEST_CASE("blocks of every kind are sound") {
    StoreOfBlocks store;
    CHECK(store.blocks_of(StoreOfBlocks::kLog).size() == 3);
    CHECK(store.blocks_of(StoreOfBlocks::kPlugin).size() == 1);
    store.check();
    const VerifyReport report = must(store->verify());
    CHECK(report.blocks == 4);
    CHECK(report.lines == 202);
    CHECK(report.cells >= 80);
}

TEST_CASE("a filter that is wrong is told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, false, GENERATE(true, false));
    SECTION("words are missing") {
        store.change_section(block, block::kFilter,
                             [](std::string& raw) { raw = block::WordGatherer().take(); });
        finds(store, block, StoreOfBlocks::kLog, "its filter lacks the word", kMadeAnew);
    }
    SECTION("it is another block's") {
        store.change_section(block, block::kFilter, [](std::string& raw) {
            block::WordGatherer words;
            for (int i = 0; i < 20'000; ++i) words.add_word("w" + std::to_string(i));
            raw = words.take();
        });
        finds(store, block, StoreOfBlocks::kLog, "its filter lacks the word", kMadeAnew);
    }
    SECTION("it is damaged") {
        store.change_stored(block,
                            [](std::vector<std::string>& sections) { sections[block::kFilter].back() ^= 1; });
        finds(store, block, StoreOfBlocks::kLog, "its filter cannot be read", kMadeAnew);
    }
    SECTION("it is no filter") {
        store.change_section(block, block::kFilter, [](std::string& raw) { raw = "filter"; });
        finds(store, block, StoreOfBlocks::kLog, "its filter cannot be read", kMadeAnew);
    }
}

TEST_CASE("a filter with many more words than there are is told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kPlugin, true);
    store.change_section(block, block::kFilter, [](std::string& raw) {
        block::WordGatherer words;
        for (int i = 0; i < 2000; ++i) words.add_word(std::to_string(i));
        for (int i = 0; i < 40; ++i) words.add_word(std::to_string(kMorning + 10 * i));
        words.add_words_of("date value");
        raw = words.take();
    });
    finds(store, block, StoreOfBlocks::kPlugin, "its filter is made for", kMadeAnew);
}

TEST_CASE("what a damaged filter hides no line from") {
    StoreOfBlocks store;
    const std::vector<std::string> before = store.everything();
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, false);
    store.change_stored(block,
                        [](std::vector<std::string>& sections) { sections[block::kFilter].back() ^= 1; });
    CHECK(store.everything() == before);
    const LogRow row = store.row(StoreOfBlocks::kLog);
    for (int time = 0; time < 2; ++time) {
        const auto reader = must(store->open_block(row, store.blocks_of(row.key).at(0), nullptr));
        CHECK(must(reader->may_have_word("started")));
        CHECK(must(reader->may_have_word("nowhere")));
        CHECK(code_of(reader->filter_facts()) == Code::corruption);
    }
    CHECK(store->stats().damaged_filters == 1);
}

TEST_CASE("a summary that would hide lines is told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, false);
    const auto change = [&](bool numbers, const std::function<void(block::ColumnSummary&)>& with) {
        store.change_directory(block, [&](block::NewDirectory& directory) {
            with(directory.columns[column_of(directory, numbers)].summary);
        });
        finds(store, block, StoreOfBlocks::kLog, "leaves out", kMadeAnew);
    };
    SECTION("the greatest number") {
        change(true, [](block::ColumnSummary& summary) { --summary.range.greatest; });
    }
    SECTION("the least number") {
        change(true, [](block::ColumnSummary& summary) { ++summary.range.least; });
    }
    SECTION("the width of numbers") {
        change(true, [](block::ColumnSummary& summary) { summary.range.width = 7; });
    }
    SECTION("texts for numbers") {
        change(false, [](block::ColumnSummary& summary) {
            summary.number = true;
            summary.range = {0, 1000, 0};
        });
    }
    SECTION("the size of texts") {
        change(false, [](block::ColumnSummary& summary) { summary.shortest = ++summary.longest; });
    }
    SECTION("what is in texts") {
        change(false, [](block::ColumnSummary& summary) { summary.classes = block::kDigits; });
    }
}

TEST_CASE("a head that is not true is told") {
    StoreOfBlocks store;
    const bool cells = GENERATE(false, true);
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, cells);
    const auto change = [&](const std::string& what, const std::function<void(BlockInfo&)>& with) {
        store.change_head(block, with);
        finds(store, block, StoreOfBlocks::kLog, what, kMadeAnew);
    };
    SECTION("lines") {
        change("its head says number of lines", [](BlockInfo& head) { ++head.lines; });
    }
    SECTION("text") {
        change("its head says size of text", [](BlockInfo& head) { --head.text_bytes; });
    }
    SECTION("size") {
        change("its head says size ", [](BlockInfo& head) { head.stored_bytes += 7; });
    }
    SECTION("another way to keep the sections") {
        change("its head says size ", [](BlockInfo& head) { head.stored_bytes = 2 * kWholeBlockBytes; });
    }
    SECTION("sections") {
        change("its head says number of sections", [](BlockInfo& head) { ++head.sections; });
    }
    SECTION("first line") {
        change("first or last line", [](BlockInfo& head) { ++head.first.time_ms; });
    }
    SECTION("last line") {
        change("first or last line", [](BlockInfo& head) { ++head.last.sequence; });
    }
    if (!cells) return;
    SECTION("cells") {
        change("its head says number of cells", [](BlockInfo& head) { --head.cells; });
    }
    SECTION("first cell") {
        change("its head says time of the first cell", [](BlockInfo& head) { --head.first_cell_ms; });
    }
    SECTION("last cell") {
        change("its head says time of the last cell", [](BlockInfo& head) { ++head.last_cell_ms; });
    }
    SECTION("earliest expiry") {
        change("its head says earliest expiry", [](BlockInfo& head) { ++head.first_expiry_ms; });
    }
    SECTION("latest expiry") {
        change("its head says latest expiry", [](BlockInfo& head) { --head.last_expiry_ms; });
    }
}

TEST_CASE("what cannot be read is told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, true);
    const auto damage = [&](std::size_t section) {
        store.change_stored(block,
                            [&](std::vector<std::string>& sections) { sections[section].back() ^= 1; });
        finds(store, block, StoreOfBlocks::kLog, "a section is damaged", kRestored);
    };
    SECTION("directory") {
        damage(block::kDirectory);
    }
    SECTION("numbers") {
        damage(block::kNumbers);
    }
    SECTION("ids") {
        damage(block::kIds);
    }
    SECTION("extras") {
        damage(block::kExtras);
    }
    SECTION("columns") {
        damage(block::kFirstGroup);
    }
}

TEST_CASE("lines out of order are told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, false);
    store.change_section(block, block::kIds, [&](std::string& raw) {
        std::vector<block::LineKey> ids;
        for (std::uint64_t i = 0; i < block.lines; ++i)
            ids.push_back({block.first.time_ms, block.first.sequence + (i == 5 ? 3 : i), 0});
        raw = block::encode_ids(ids);
    });
    finds(store, block, StoreOfBlocks::kLog, "its lines are not in order", kRestored);
}

TEST_CASE("lines that its cells do not give are told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, true);
    store.change([&](kv::Database& database, kv::Batch& batch) {
        std::string bytes;
        std::vector<std::string> sections = StoreOfBlocks::read(database, block);
        const std::string extras = must(block::decompress_section(sections[block::kExtras]));
        block::BlockWriter writer;
        for (int i = 0; i < 40; ++i) {
            const std::string text = i == 3
                                         ? "and posted entry 4"
                                         : (i % 3 == 0 ? "and " : "") + ("posted entry " + std::to_string(i));
            writer.add({kMorning + 10'000 + 10 * i, 0, 0, text, {}});
        }
        erase_block(batch, block);
        put_block(batch,
                  StoreOfBlocks::built(block, must(writer.finish_sections(extras, block::kFastLevel))));
    });
    finds(store, block, StoreOfBlocks::kLog, "taken apart, give other lines", kRestored);
}

TEST_CASE("blocks of cells that are in each other's way are told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, true);
    SECTION("another block") {
        BlockInfo other = block;
        other.number = 900;
        store.change([&](kv::Database& database, kv::Batch& batch) {
            put_block(batch, StoreOfBlocks::built(other, StoreOfBlocks::read(database, block)));
        });
        finds(store, other, StoreOfBlocks::kLog,
              "overlaps block " + std::to_string(block.number) + ", and both are of cells", kRestored);
    }
    SECTION("an entry") {
        const auto put = [&](std::int64_t expires_at_ms) {
            std::string value;
            record::cell(value, expires_at_ms, "late");
            store.change([&](kv::Database&, kv::Batch& batch) {
                batch.put(kv::Space::entries, key::row(block.first.row),
                          key::entry(block.first_cell_ms + 5, 0), value);
            });
        };
        put(store.clock.now_ms() - 1);
        store.check();
        put(0);
        finds(store, block, StoreOfBlocks::kLog,
              "has the posted cell at " + std::to_string(block.first_cell_ms + 5) + " in its range",
              kRestored);
    }
}

TEST_CASE("a whole value that does not add up, and sums, are told") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kPlugin, true);
    SECTION("value") {
        store.change([&](kv::Database&, kv::Batch& batch) {
            batch.put(kv::Space::blocks, key::row(block.first.row),
                      key::block_section(block.number, key::kWholeBlock), "damaged");
        });
        finds(store, block, StoreOfBlocks::kPlugin, "its sections do not add up", kRestored);
    }
    SECTION("head") {
        store.change([&](kv::Database&, kv::Batch& batch) {
            batch.put(kv::Space::blocks, key::row(block.first.row), key::block_head(block.number), "head");
        });
        finds(store, block, StoreOfBlocks::kPlugin, "has sections, but no head", kRestored);
    }
    SECTION("sums") {
        store.change(
            [&](kv::Database&, kv::Batch& batch) { batch.add(key::kOwnCounters, key::kBlockText, 5); });
        const VerifyReport report = must(store->verify());
        REQUIRE(report.problem_count == 1);
        CHECK(report.problems[0].ends_with("\"nm-tool reindex\" corrects it"));
        CHECK(report.problems[0].find("block text") != std::string::npos);
    }
}

TEST_CASE("a row whose blocks cannot be listed can be dropped, and a reindexing corrects the sums") {
    StoreOfBlocks store;
    const BlockInfo block = store.block_of(StoreOfBlocks::kLog, false);
    store.change([&](kv::Database&, kv::Batch& batch) {
        batch.put(kv::Space::blocks, key::row(block.first.row), key::block_head(block.number), "damaged");
    });
    CHECK(code_of(store->blocks(store.row(StoreOfBlocks::kLog), nullptr)) == Code::corruption);
    const auto listed = must(store->rows("CFLongType", "", "", 10));
    CHECK(listed == std::vector<std::string>{StoreOfBlocks::kLog, StoreOfBlocks::kPlugin});
    must(store->remove_row("CFLongType", StoreOfBlocks::kLog));
    CHECK(must(store->rows("CFLongType", "", "", 10)) == std::vector<std::string>{StoreOfBlocks::kPlugin});
    const VerifyReport before = must(store->verify());
    CHECK(before.problem_count > 0);
    for (const std::string& problem : before.problems) {
        INFO(problem);
        CHECK(problem.ends_with("\"nm-tool reindex\" corrects it"));
    }
    const ReindexReport report = must(store->reindex({}));
    CHECK(report.sums > 0);
    CHECK(report.problem_count == 0);
    store.check();
    CHECK(store->stats().blocks == 1);
}

TEST_CASE("a verification is stopped between blocks") {
    StoreOfBlocks store;
    std::uint64_t blocks = 0;
    const auto stopped = store->verify([&](const ProgressReport& report) {
        if (report.unit != "blocks") return true;
        CHECK(report.total == 4);
        blocks = report.done;
        return blocks < 2;
    });
    CHECK(code_of(stopped) == Code::cancelled);
    CHECK(blocks == 2);
}
