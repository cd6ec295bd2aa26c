// Rows that lie still become small by themselves.
#include "engine/upkeep.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/key.h"
#include "engine/opening.h"
#include "tests/engine/kv_database.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kToday = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC
constexpr std::int64_t kHour = 3'600'000;

// A store without threads of its own, and what looks after it.
class LookedAfter {
  public:
    explicit LookedAfter(OpenedStore& store, const UpkeepOptions& upkeep = {}) : store_(store) {
        options_.clock = &store.clock;
        options_.sealing = store.sealing;
        options_.upkeep = upkeep;
        store.close();
        options_.directory = store.data();
        opened_ = must(open_core(options_));
        upkeep_.emplace(*opened_.core);
    }
    ~LookedAfter() {
        upkeep_.reset();
        must(opened_.core->database->close());
        opened_.core.reset();
        opened_.lock.reset();
        store_.reopen();
    }
    std::uint64_t look() {
        const std::uint64_t before = opened_.core->activity.rows_compacted;
        must(upkeep_->look());
        return opened_.core->activity.rows_compacted - before;
    }
    std::uint64_t failures() const { return opened_.core->activity.upkeep_failures; }

  private:
    OpenedStore& store_;
    StoreOptions options_;
    Opened opened_;
    std::optional<Upkeep> upkeep_;
};

void append_day(OpenedStore& store, std::int64_t days_ago, int batches) {
    for (int b = 0; b < batches; ++b) {
        const auto batch = store->begin_lines();
        for (int i = 0; i < 40; ++i) {
            must(batch->append({"c", "l", kToday - days_ago * kDayMs + b * 1000 + i,
                                "line " + std::to_string(i) + " of batch " + std::to_string(b), {}}));
        }
        must(batch->commit());
    }
}

std::string blocks_of(OpenedStore& store) {
    std::string out;
    for (const LogRow& row : must(store->log_rows({}))) {
        const auto blocks = must(store->blocks(row, nullptr));
        bool tight = true;
        for (const BlockInfo& block : blocks) tight = tight && block.tight;
        out += (out.empty() ? "" : " ") + std::to_string(blocks.size()) + (tight ? "t" : "");
    }
    return out;
}

SealingOptions small_blocks() {
    SealingOptions sealing;
    sealing.background = false;
    sealing.direct_bytes = 500;
    return sealing;
}

}  // namespace

TEST_CASE("upkeep: the row of a day that is long over is compacted once nothing comes any more") {
    OpenedStore store(small_blocks());
    append_day(store, 3, 10);
    append_day(store, 1, 10);
    append_day(store, 0, 10);
    REQUIRE(blocks_of(store) == "10 10 10");
    const LogRow row = must(store->log_rows({})).at(0);
    const auto lines = store.lines(row, {});
    {
        LookedAfter after(store);
        CHECK(after.look() == 0);  // seen for the first time
        CHECK(after.look() == 0);
        store.clock.advance(kHour);
        CHECK(after.look() == 1);
        CHECK(after.look() == 0);
        store.clock.advance(kDayMs - kHour);  // yesterday has now been over for a day
        CHECK(after.look() == 1);
        store.clock.advance(kHour);
        CHECK(after.look() == 0);
    }
    CHECK(blocks_of(store) == "1t 1t 10");
    CHECK(store.lines(row, {}) == lines);
    store.check();
    // What comes late makes it wait again.
    append_day(store, 3, 1);
    CHECK(blocks_of(store) == "2 1t 10");
    {
        LookedAfter after(store);
        CHECK(after.look() == 0);
        store.clock.advance(kHour);
        CHECK(after.look() == 1);
    }
    CHECK(blocks_of(store) == "1t 1t 10");
    CHECK(store.lines(row, {}).size() == 440);
    store.check();
}

TEST_CASE("upkeep: a row without a day is compacted when nothing was written to it for so long") {
    OpenedStore store(small_blocks());
    for (int i = 0; i < 50; ++i)
        store.put("CFLongType", "temperatures", std::to_string(kToday + i), "value " + std::to_string(i));
    must(store->seal());
    REQUIRE(blocks_of(store) == "1");
    LookedAfter after(store);
    CHECK(after.look() == 0);
    store.clock.advance(kDayMs - 1);
    CHECK(after.look() == 0);
    store.clock.advance(1);
    CHECK(after.look() == 1);
}

TEST_CASE("upkeep: a row that cannot be read does not keep others from being compacted") {
    OpenedStore store(small_blocks());
    append_day(store, 5, 10);
    append_day(store, 4, 10);
    append_day(store, 3, 10);
    const std::vector<LogRow> rows = must(store->log_rows({}));
    REQUIRE(rows.size() == 3);
    const BlockInfo block = must(store->blocks(rows[0], nullptr)).at(0);
    store.change_database([&](kv::Database& database) {
        const auto batch = database.new_batch();
        batch->put(kv::Space::blocks, key::row(rows[0].id), key::block_head(block.number), "damaged");
        must(database.apply(*batch));
    });
    {
        LookedAfter after(store);
        CHECK(after.look() == 0);
        CHECK(after.failures() == 1);
        store.clock.advance(kHour);
        CHECK(after.look() == 2);
        CHECK(after.failures() == 2);
    }
    CHECK(code_of(store->blocks(rows[0], nullptr)) == Code::corruption);
    CHECK(must(store->blocks(rows[1], nullptr)).size() == 1);
    CHECK(must(store->blocks(rows[2], nullptr)).size() == 1);
    must(store->remove_row("CFLongType", rows[0].key));
    CHECK(blocks_of(store) == "1t 1t");
    must(store->reindex({}));
    store.check();
}

TEST_CASE("upkeep: a damaged table file does not keep rows behind the damage from being compacted") {
    constexpr int kDays = 6;
    OpenedStore store(small_blocks());
    for (int day = kDays + 2; day > 2; --day) {
        for (int b = 0; b < 10; ++b) {
            const auto batch = store->begin_lines();
            for (int i = 0; i < 20; ++i) {
                std::string text;
                for (const char byte : noise(200, static_cast<std::uint64_t>(day * 1000 + b * 20 + i)))
                    text += static_cast<char>('a' + (byte & 15));
                must(batch->append({"c", "l", kToday - day * kDayMs + b * 1000 + i, text, {}}));
            }
            must(batch->commit());
        }
    }
    const std::vector<LogRow> rows = must(store->log_rows({}));
    store.change_database([](kv::Database& database) { must(database.compact({})); }, false);
    namespace fs = std::filesystem;
    fs::path largest;
    for (const auto& file : fs::directory_iterator(store.data() + "/db")) {
        if (file.path().extension() == ".sst" &&
            (largest.empty() || file.file_size() > fs::file_size(largest)))
            largest = file.path();
    }
    {
        std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(fs::file_size(largest) / 2));
        file.write("damaged!", 8);
    }
    store.reopen();
    std::size_t hurt = 0;
    {
        LookedAfter after(store);
        CHECK(after.look() == 0);
        store.clock.advance(kHour);
        CHECK(after.look() >= kDays - 2);
    }
    for (const LogRow& row : rows) {
        const auto blocks = store->blocks(row, nullptr);
        if (!blocks.ok() || blocks->size() != 1) ++hurt;
    }
    CHECK(hurt >= 1);
    CHECK(hurt <= 2);
    CHECK(must(store->blocks(rows.back(), nullptr)).size() == 1);
}

TEST_CASE("upkeep: nothing is compacted where that is not wanted") {
    OpenedStore store(small_blocks());
    append_day(store, 30, 10);
    UpkeepOptions upkeep;
    upkeep.compact_after_ms = std::nullopt;
    {
        LookedAfter after(store, upkeep);
        CHECK(after.look() == 0);
        store.clock.advance(10 * kDayMs);
        CHECK(after.look() == 0);
    }
    CHECK(blocks_of(store) == "10");
}

TEST_CASE("a compaction is one at a time, and may be stopped; what it did stays") {
    OpenedStore store(small_blocks());
    for (int day = 20; day >= 1; --day) append_day(store, day, 3);
    Code second = Code::io;
    int reports = 0;
    const Result<void> stopped = store->compact([&](const ProgressReport& report) {
        if (second == Code::io) second = code_of(store->compact());
        return report.stage != "blocks" || ++reports < 10;
    });
    CHECK(second == Code::busy);
    CHECK(code_of(stopped) == Code::cancelled);
    const auto tight_rows = [&] {
        const std::string blocks = blocks_of(store);
        return std::count(blocks.begin(), blocks.end(), 't');
    };
    CHECK(tight_rows() > 0);
    CHECK(tight_rows() < 20);
    must(store->compact());
    CHECK(tight_rows() == 20);
    store.check();
}
