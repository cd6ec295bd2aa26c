#include "engine/family_writes.h"

#include "engine/batches.h"
#include "engine/commit.h"
#include "engine/opening.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = 1'308'700'800'000;
const std::string kDay = "c:logs:l:2011:5:22";

}  // namespace

TEST_CASE("what a sealer reads is disturbed by late cells and by removals, not by lines") {
    const TempDirectory directory;
    StoreOptions options;
    options.directory = directory / "data";
    options.sync = SyncMode::off;
    const Opened opened = must(open_core(options));
    Core& core = *opened.core;
    const FamilyPtr family = core.families.find(kTimeFamily);
    const auto put = [&](std::int64_t time_ms) {
        const auto batch = new_cell_batch(core, family, false);
        must(batch->put(kDay, std::to_string(time_ms), "x"));
        must(batch->commit());
    };
    const auto append = [&](std::int64_t time_ms) {
        const auto batch = new_line_batch(core);
        must(batch->append({"c", "l", time_ms, "text", {}}));
        must(batch->commit());
    };
    const auto remove = [&](const std::function<Result<void>(FamilyWrites&)>& what) {
        const auto batch = core.database->new_batch();
        FamilyWrites writes(core, *batch, family);
        must(what(writes));
        must(apply_writes(core, *batch, {&writes}));
    };
    put(kMorning);
    const RowPtr row = must(core.catalogue.find(family->id(), kDay));
    REQUIRE(row != nullptr);
    CHECK_FALSE(row->disturbed);  // nobody is sealing
    put(kMorning - 1);
    CHECK_FALSE(row->disturbed);

    row->sealing_to_ms = kMorning + 1000;
    append(kMorning);
    put(kMorning + 1001);
    CHECK_FALSE(row->disturbed);
    SECTION("a cell before the end") {
        put(kMorning + 1000);
        CHECK(row->disturbed);
    }
    SECTION("a cell that goes") {
        remove([&](FamilyWrites& writes) { return writes.remove_cell(kDay, std::to_string(kMorning)); });
        CHECK(row->disturbed);
    }
    SECTION("the row") {
        remove([&](FamilyWrites& writes) { return writes.remove_row(kDay); });
        CHECK(row->disturbed);
    }
    SECTION("a row that would go if it were empty") {
        remove([&](FamilyWrites& writes) { return writes.remove_row_if_empty(kDay); });
        CHECK_FALSE(row->disturbed);
    }
}

namespace {

// Counts how often it is walked through, and what is met on the way.
class WatchedBatch final : public kv::Batch {
  public:
    explicit WatchedBatch(std::unique_ptr<kv::Batch> batch) : batch_(std::move(batch)) {}

    void put(kv::Space space, std::string_view partition, std::string_view key,
             std::string_view value) override {
        batch_->put(space, partition, key, value);
    }
    void remove(kv::Space space, std::string_view partition, std::string_view key) override {
        batch_->remove(space, partition, key);
    }
    void remove_partition(kv::Space space, std::string_view partition) override {
        batch_->remove_partition(space, partition);
    }
    void remove_range(kv::Space space, std::string_view partition, std::string_view begin,
                      std::string_view end) override {
        batch_->remove_range(space, partition, begin, end);
    }
    void add(std::string_view partition, std::string_view key, std::int64_t delta) override {
        batch_->add(partition, key, delta);
    }
    std::size_t bytes() const override { return batch_->bytes(); }
    std::size_t count() const override { return batch_->count(); }
    const std::vector<std::string>& partitions(kv::Space space) const override {
        return batch_->partitions(space);
    }
    Result<void> each_put(kv::Space space,
                          const std::function<void(std::string_view, std::string_view, std::string_view)>&
                              each) const override {
        ++walks;
        return batch_->each_put(space, [&](auto partition, auto key, auto value) {
            ++met;
            each(partition, key, value);
        });
    }

    mutable std::size_t walks = 0;
    mutable std::size_t met = 0;

  private:
    const std::unique_ptr<kv::Batch> batch_;
};

}  // namespace

TEST_CASE("a batch with late cells for many rows is walked through once") {
    constexpr std::size_t kRows = 300;
    const auto name = [](std::size_t row) { return "c" + std::to_string(row) + ":logs:l:2011:5:22"; };
    SealingOptions by_hand;
    by_hand.background = false;
    OpenedStore store(by_hand);
    {
        const auto batch = must(store->begin_cells(kTimeFamily));
        for (std::size_t row = 0; row < kRows; ++row) {
            for (int cell = 0; cell < 3; ++cell)
                must(batch->put(name(row), std::to_string(kMorning + cell * 1000),
                                R"({"date":1,"returned":"a line\n"})", 0));
        }
        must(batch->commit());
    }
    must(store->seal());
    REQUIRE(store->stats().blocks == kRows);
    store.close();

    StoreOptions options;
    options.directory = store.data();
    options.sync = SyncMode::off;
    options.sealing = by_hand;
    const Opened opened = must(open_core(options));
    Core& core = *opened.core;
    WatchedBatch batch(core.database->new_batch());
    FamilyWrites writes(core, batch, core.families.find(kTimeFamily));
    for (std::size_t row = 0; row < kRows; ++row)
        must(writes.put_cell(name(row), std::to_string(kMorning + 1500), R"({"date":1,"returned":"late\n"})",
                             0));
    must(writes.complete());
    CHECK(batch.walks == 1);
    CHECK(batch.met == kRows);
    // Each row's block is taken apart: its cells are put beside the late one.
    std::size_t put = 0;
    must(batch.each_put(kv::Space::entries, [&](auto, auto, auto) { ++put; }));
    CHECK(put == 4 * kRows);
}
