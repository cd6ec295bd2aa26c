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
