#include "engine/stored_block.h"

#include <algorithm>
#include <random>

#include "engine/block/block.h"
#include "engine/block_lines.h"
#include "engine/key.h"
#include "engine/record.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

const std::string kDay = "c:logs:l:2011:5:22";
constexpr std::int64_t kMorning = 1'308'700'800'000;

SealingOptions sealed_at(std::size_t direct_bytes, std::size_t block_bytes) {
    SealingOptions sealing;
    sealing.direct_bytes = direct_bytes;
    sealing.block_bytes = block_bytes;
    return sealing;
}

struct OwnedLine {
    std::int64_t at = 0;
    std::string text;
    std::string fields;
};

void append(OpenedStore& store, const std::vector<OwnedLine>& lines) {
    const auto batch = store->begin_lines();
    for (const OwnedLine& line : lines)
        must(batch->append({"c", "l", kMorning + line.at, line.text, line.fields}));
    const CommitResult result = must(batch->commit());
    CHECK(result.entries == lines.size());
}

// Lines with the same ids in both stores, which seal differently.
std::vector<std::string> read(OpenedStore& store, const LineRange& range) {
    const LogRow row = must(store->log_rows({})).at(0);
    const auto cursor = must(store->lines(row, range));
    std::vector<std::string> out;
    while (must(cursor->next())) {
        const Line& line = cursor->line();
        CHECK(line.row == &row);
        out.push_back(std::to_string(line.id.time_ms) + "/" + std::to_string(line.id.sequence) + " " +
                      std::string(line.text) + "|" + std::string(line.fields));
    }
    return out;
}

std::vector<BlockInfo> blocks_of(OpenedStore& store) {
    return must(store->blocks(must(store->log_rows({})).at(0), nullptr));
}

std::size_t fresh_lines(OpenedStore& store) {
    const LogRow row = must(store->log_rows({})).at(0);
    const auto cursor = must(store->fresh_lines(row, {}, nullptr));
    std::size_t count = 0;
    while (must(cursor->next())) ++count;
    return count;
}

}  // namespace

TEST_CASE("lines in blocks and lines one by one look the same") {
    OpenedStore sealed(sealed_at(200, 1000));
    OpenedStore fresh(sealed_at(SIZE_MAX, SIZE_MAX));
    std::mt19937 random(7);
    const auto below = [&](int n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n)); };
    for (int batch = 0; batch < 30; ++batch) {
        std::vector<OwnedLine> lines;
        const std::int64_t start = below(2000);  // late ones fall between others, and on their times
        for (std::int64_t i = below(60); i >= 0; --i) {
            lines.push_back(
                {start + below(batch % 2 == 0 ? 50 : 2),
                 "line " + std::to_string(below(1000)) + std::string(below(9) == 0 ? 0U : 3U, 'x'),
                 below(5) == 0 ? R"({"user":"u1"})" : ""});
        }
        append(sealed, lines);
        append(fresh, lines);
        if (batch % 4 == 0) {
            const std::string column = std::to_string(kMorning + start);
            sealed.put("CFLongType", kDay, column, "posted");
            fresh.put("CFLongType", kDay, column, "posted");
        }
    }
    CHECK(blocks_of(sealed).size() > 2 * BlockLines::kMaxOpen);
    CHECK(fresh_lines(sealed) > 0);
    CHECK(blocks_of(fresh).empty());
    for (const auto order : {Order::ascending, Order::descending}) {
        CHECK(read(sealed, {INT64_MIN, INT64_MAX, order, std::nullopt}) ==
              read(fresh, {INT64_MIN, INT64_MAX, order, std::nullopt}));
        for (int i = 0; i < 60; ++i) {
            LineRange range{kMorning + below(2000), kMorning + below(2000), order, std::nullopt};
            const RowId row = must(sealed->log_rows({})).at(0).id;
            if (i % 2 == 0)
                range.after = LineId{kMorning + below(2000), row + static_cast<RowId>(below(3)) - 1,
                                     static_cast<std::uint64_t>(below(1000)), 0};
            CHECK(read(sealed, range) == read(fresh, range));
        }
    }
    for (const bool reversed : {false, true}) {
        SliceRange range;
        range.reversed = reversed;
        range.limit = 10'000;
        CHECK(sealed.cells("CFLongType", kDay, range) == fresh.cells("CFLongType", kDay, range));
        range.from = std::to_string(kMorning + 900);
        range.limit = 7;
        CHECK(sealed.cells("CFLongType", kDay, range) == fresh.cells("CFLongType", kDay, range));
    }
    sealed.check();
    sealed.reopen_after_crash();
    CHECK(read(sealed, {}) == read(fresh, {}));
    sealed.check();
}

TEST_CASE("more lines in blocks at one time than are held open, and great ones") {
    OpenedStore store(sealed_at(1, 1));
    std::vector<std::string> wanted;
    for (int i = 0; i < 20; ++i) {
        append(store, {{i % 3, std::to_string(i) + std::string(50'000, 'x'), ""}});
        append(store, {{1, "e", ""}});
    }
    CHECK(blocks_of(store).size() == 40);
    CHECK(fresh_lines(store) == 0);
    LineRange range;
    std::vector<std::string> backward = read(store, range);
    range.order = Order::ascending;
    const std::vector<std::string> forward = read(store, range);
    std::reverse(backward.begin(), backward.end());
    CHECK(forward.size() == 40);
    CHECK(std::is_sorted(forward.begin(), forward.end(), [](const std::string& a, const std::string& b) {
        return a.substr(0, 13) < b.substr(0, 13);
    }));
    CHECK(forward == backward);
    store.check();
}

TEST_CASE("fields over several lines stay out of blocks") {
    OpenedStore store(sealed_at(1, 1'000'000));
    append(store, {{1, "a", "{\n}"}, {1, "b", "{}"}, {1, "c", "{\"n\":\n1}"}});
    CHECK(blocks_of(store).size() == 1);
    CHECK(fresh_lines(store) == 2);
    const std::string time = std::to_string(kMorning + 1);
    CHECK(read(store, {INT64_MIN, INT64_MAX, Order::ascending, std::nullopt}) ==
          std::vector<std::string>{time + "/1 a|{\n}", time + "/2 b|{}", time + "/3 c|{\"n\":\n1}"});
}

TEST_CASE("removing takes lines out of blocks, and rows with them") {
    OpenedStore store(sealed_at(1, 100));
    std::vector<OwnedLine> lines;
    for (int i = 0; i < 60; ++i) lines.push_back({i / 2, "line " + std::to_string(i), ""});
    append(store, lines);
    const auto before = store->stats();
    CHECK(before.blocks == blocks_of(store).size());
    CHECK(before.block_lines == 60);
    CHECK(before.block_text_bytes > 60 * 6);
    CHECK(before.block_stored_bytes > 0);

    must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 7)));
    CHECK(read(store, {}).size() == 58);
    CHECK(store->stats().block_lines == 58);
    must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 7)));
    must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 1000)));
    CHECK(must(store->get("CFLongType", kDay, std::to_string(kMorning + 7))) == std::nullopt);
    CHECK(must(store->get("CFLongType", kDay, std::to_string(kMorning + 8))).has_value());
    CHECK(read(store, {}).size() == 58);
    store.check();

    SECTION("cell by cell") {
        for (int i = 0; i < 30; ++i)
            must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + i)));
    }
    SECTION("the row") {
        must(store->remove_row("CFLongType", kDay));
    }
    SECTION("the family") {
        must(store->drop_family("CFLongType"));
    }
    CHECK(must(store->log_rows({})).empty());
    CHECK(store->stats().blocks == 0);
    CHECK(store->stats().block_lines == 0);
    CHECK(store->stats().block_stored_bytes == 0);
    store.check();
}

TEST_CASE("a row that has nothing but blocks is a row") {
    OpenedStore store(sealed_at(1, 1000));
    append(store, {{1, "a", ""}, {2, "b", ""}});
    CHECK(must(store->rows("CFLongType", "", "", 10)) == std::vector<std::string>{kDay});
    must(store->compact());
    CHECK(read(store, {}).size() == 2);
    store.put("CFLongType", kDay, std::to_string(kMorning + 5), "x", 1);
    must(store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 5)));
    CHECK(must(store->rows("CFLongType", "", "", 10)) == std::vector<std::string>{kDay});
    const LogRow row = must(store->log_rows({})).at(0);
    CHECK(row.min_time_ms <= kMorning + 1);
    CHECK(row.max_time_ms >= kMorning + 2);
}

TEST_CASE("a snapshot keeps the blocks it has seen") {
    OpenedStore store(sealed_at(1, 1000));
    append(store, {{1, "a 1", ""}, {2, "b", ""}});
    const LogRow row = must(store->log_rows({})).at(0);
    const SnapshotPtr snapshot = store->snapshot();
    must(store->remove_row("CFLongType", kDay));
    const auto blocks = must(store->blocks(row, snapshot));
    REQUIRE(blocks.size() == 1);
    // What nobody has read yet is found out to be gone.
    const auto gone = must(store->open_block(row, blocks[0], nullptr));
    CHECK(code_of(gone->read_directory()) == Code::corruption);
    const auto reader = must(store->open_block(row, blocks[0], snapshot));
    CHECK(must(reader->may_have_word("A")));
    must(reader->read_directory());
    CHECK(must(reader->line(1)).text == "b");
    CHECK(must(store->blocks(row, nullptr)).empty());
}

TEST_CASE("a verification finds what is wrong with blocks") {
    OpenedStore store(sealed_at(1, 1000));
    append(store, {{1, "a 1", ""}, {2, "b 2", ""}});
    const BlockInfo block = blocks_of(store).at(0);
    const std::string partition = key::row(block.first.row);
    const auto change = [&](const std::function<void(kv::Batch&)>& with) {
        store.change_database([&](kv::Database& database) {
            const auto batch = database.new_batch();
            with(*batch);
            must(database.apply(*batch));
        });
    };
    const auto found = [&](const std::string& what) {
        const VerifyReport report = must(store->verify());
        bool told = false;
        for (const std::string& problem : report.problems) {
            UNSCOPED_INFO(problem);
            told = told || problem.find(what) != std::string::npos;
        }
        CHECK(told);
    };
    SECTION("a section is missing") {
        change([&](kv::Batch& batch) {
            batch.remove(kv::Space::blocks, partition, key::block_section(block.number, key::kWholeBlock));
        });
        found("its sections are missing");
    }
    SECTION("a section is damaged") {
        change([&](kv::Batch& batch) {
            batch.put(kv::Space::blocks, partition, key::block_section(block.number, key::kWholeBlock),
                      "damaged");
        });
        found("block 1 of row number");
        LineRange range;
        const LogRow row = must(store->log_rows({})).at(0);
        const auto cursor = must(store->lines(row, range));
        CHECK(code_of(cursor->next()) == Code::corruption);
    }
    SECTION("a section of a great one is missing") {
        std::mt19937 random(1);
        std::string noise(2 * kWholeBlockBytes, ' ');
        for (char& byte : noise) byte = static_cast<char>(33 + random() % 90);
        append(store, {{1, noise, ""}});
        for (const BlockInfo& great : blocks_of(store)) {
            if (is_whole(great)) continue;
            CHECK(great.stored_bytes > kWholeBlockBytes);
            change([&](kv::Batch& batch) {
                batch.remove(kv::Space::blocks, partition, key::block_section(great.number, 1));
            });
        }
        found("has no section 1");
    }
    SECTION("the head is missing") {
        change([&](kv::Batch& batch) {
            batch.remove(kv::Space::blocks, partition, key::block_head(block.number));
        });
        found("sections, but no head");
        found("there are 0 blocks, and the sum says 1");
    }
    SECTION("the row is missing") {
        change([&](kv::Batch& batch) {
            batch.put(kv::Space::blocks, key::row(4711), key::block_head(4711), record::block_head(block));
        });
        found("belongs to no row");
        found("a block number in use could be given again");
    }
    SECTION("a key is none of ours") {
        change([&](kv::Batch& batch) { batch.put(kv::Space::blocks, partition, "what", "?"); });
        found("not a block's");
    }
}
