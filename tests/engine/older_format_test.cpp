// Stores as released versions have left them, in tests/compat.
#include <filesystem>

#include "tests/engine/open_store.h"
#include "tests/engine/sample_of_blocks.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

// A copy of a sample, which may be changed.
StoreOptions copy_of(const std::string& sample, const TempDirectory& directory) {
    namespace fs = std::filesystem;
    fs::copy(fs::path(NM_SOURCE_DIR) / "tests/compat" / sample, directory / "data",
             fs::copy_options::recursive);
    StoreOptions options;
    options.directory = directory / "data";
    return options;
}

void check_contents(const Store& store) {
    const auto rows = must(store.log_rows({}));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].key == "10.0.0.1:logs:_var_log_syslog:2011:5:22");
    CHECK(must(store.blocks(rows[0], nullptr)).empty());
    const auto cursor = must(store.lines(rows[0], {}));
    std::size_t lines = 0;
    while (must(cursor->next())) ++lines;
    CHECK(lines == 2);
    CHECK(must(store.get(kIndexFamily, "row", "column"))->value == "value");
    CHECK(must(store.verify()).problem_count == 0);
}

}  // namespace

TEST_CASE("a store of version 1, without blocks, is opened and becomes one of this version") {
    const TempDirectory directory;
    StoreOptions options = copy_of("version-1", directory);
    options.read_only = true;
    for (int time = 0; time < 2; ++time) {
        const auto reader = must(Store::open(options));
        check_contents(*reader);
        CHECK(reader->stats().blocks == 0);
    }
    options.read_only = false;
    check_contents(*must(Store::open(options)));
    options.read_only = true;
    check_contents(*must(Store::open(options)));
}

namespace {

using Sample = SampleOfBlocks;

std::vector<std::string> texts_of(const Store& store, const std::string& key) {
    std::vector<std::string> out;
    for (const LogRow& row : must(store.log_rows({}))) {
        if (row.key != key) continue;
        LineRange range;
        range.order = Order::ascending;
        const auto cursor = must(store.lines(row, range));
        while (must(cursor->next()))
            out.push_back(std::string(cursor->line().text) + "|" + std::string(cursor->line().fields));
    }
    return out;
}

std::vector<std::string> sample_lines(int lines) {
    std::vector<std::string> out;
    for (int i = 0; i < lines; ++i) out.push_back(Sample::line(i) + "|" + Sample::fields(i));
    return out;
}

// Every value of cells that were posted, byte for byte.
void check_cells(const Store& store, const char* row, const std::function<std::string(int)>& value) {
    SliceRange range;
    range.limit = 1000;
    const Slice slice = must(store.slice(kTimeFamily, row, range));
    REQUIRE(slice.cells.size() == Sample::kCells);
    for (int i = 0; i < Sample::kCells; ++i) {
        const Cell& cell = slice.cells[static_cast<std::size_t>(i)];
        CHECK(cell.column == std::to_string(Sample::time_of(i)));
        CHECK(cell.value == value(i));
    }
}

void check_sample(const Store& store) {
    CHECK(texts_of(store, Sample::kLog) == sample_lines(Sample::kLines + Sample::kFresh));
    CHECK(texts_of(store, Sample::kTight) == sample_lines(Sample::kTightLines));
    check_cells(store, Sample::kPosted, Sample::posted);
    check_cells(store, Sample::kPlugin, Sample::reading);
    std::string posted;  // half lines are whole ones with what follows them
    for (int i = 0; i < Sample::kCells; ++i)
        posted += Sample::print("entry %d of the agent\nand %d", i, i * i) + (i % 5 == 2 ? "" : "\n");
    std::string lines;
    for (const std::string& text : texts_of(store, Sample::kPosted))
        lines += text.substr(0, text.size() - 1) + "\n";
    CHECK(lines == posted);
    CHECK(must(store.get(kIndexFamily, "row", "color"))->value == "red");
    CHECK(must(store.find_rows(kIndexFamily, "color", "red", 10)) == std::vector<std::string>{"row"});
    CHECK(must(store.counter(Sample::kLog, "logs")) == 5);
    const VerifyReport report = must(store.verify());
    for (const std::string& problem : report.problems) UNSCOPED_INFO(problem);
    CHECK(report.problem_count == 0);
}

struct KindsOfBlocks {
    int whole = 0, great = 0, tight = 0, cells = 0, expiring = 0;
};
KindsOfBlocks kinds_of(const Store& store) {
    KindsOfBlocks kinds;
    for (const LogRow& row : must(store.log_rows({}))) {
        for (const BlockInfo& block : must(store.blocks(row, nullptr))) {
            ++(block.stored_bytes < 32768 ? kinds.whole : kinds.great);
            kinds.tight += block.tight ? 1 : 0;
            kinds.cells += block.cells != 0 ? 1 : 0;
            kinds.expiring += block.first_expiry_ms != 0 ? 1 : 0;
        }
    }
    return kinds;
}

}  // namespace

TEST_CASE("a store of version 3, with blocks of every kind, says what it always said") {
    const TempDirectory directory;
    const FakeClock clock(Sample::kMorning);
    StoreOptions options = copy_of("version-3", directory);
    options.clock = &clock;
    options.sealing.background = false;
    options.read_only = true;
    {
        const auto reader = must(Store::open(options));
        check_sample(*reader);
        const KindsOfBlocks kinds = kinds_of(*reader);
        CHECK(kinds.whole > 0);
        CHECK(kinds.great > 0);
        CHECK(kinds.tight > 0);
        CHECK(kinds.cells == 2);
        CHECK(kinds.expiring == 2);
    }
    options.read_only = false;
    const auto store = must(Store::open(options));
    check_sample(*store);
    SECTION("sealed and compacted by this version") {
        must(store->seal());
        check_sample(*store);
        must(store->compact());
        check_sample(*store);
    }
    SECTION("all blocks made anew by this version") {
        ReindexRequest request;
        request.all = true;
        const ReindexReport report = must(store->reindex(request));
        CHECK(report.problem_count == 0);
        CHECK(report.rebuilt >= 4);
        check_sample(*store);
    }
    SECTION("cells taken out of their block") {
        const auto batch = must(store->begin_cells(kTimeFamily));
        must(batch->put(Sample::kPosted, std::to_string(Sample::time_of(7)), Sample::posted(7), 100));
        must(batch->commit());
        check_sample(*store);
    }
}

TEST_CASE("a store of version 4, which told of no changes, says what it said, and tells of those to come") {
    const TempDirectory directory;
    StoreOptions options = copy_of("version-4", directory);
    options.sealing.background = false;
    const auto check = [](const Store& store) {
        const auto rows = must(store.log_rows({}));
        REQUIRE(rows.size() == 3);
        std::size_t lines = 0;
        for (const LogRow& row : rows) {
            LineRange range;
            range.order = Order::ascending;
            const auto cursor = must(store.lines(row, range));
            while (must(cursor->next())) {
                const std::int64_t i = (cursor->line().id.time_ms - 1'308'700'800'000) / 1000;
                if (row.kind == RowKind::logs) {
                    CHECK(cursor->line().text == "request " + std::to_string(i) + " of user" +
                                                     std::to_string(i % 7) + " took " +
                                                     std::to_string(i * 37 % 1000) + " ms");
                }
                ++lines;
            }
        }
        CHECK(lines == 3200);
        CHECK(must(store.counter("row", "column")) == 5);
        CHECK(store.stats().index_segments == 1);
        CHECK(must(store.verify()).problem_count == 0);
    };
    options.read_only = true;
    {
        const auto reader = must(Store::open(options));
        check(*reader);
        CHECK(must(reader->read_changes(0, SIZE_MAX)).empty());
    }
    options.read_only = false;
    const auto store = must(Store::open(options));
    check(*store);
    const auto batch = store->begin_lines();
    must(batch->append({"10.0.0.1", "app", 1'308'700'800'000, "new", {}}));
    must(batch->commit());
    CHECK(must(store->read_changes(0, SIZE_MAX)).size() == 1);
}
