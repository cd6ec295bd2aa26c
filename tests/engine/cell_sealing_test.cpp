#include "engine/cell_sealing.h"

#include <algorithm>
#include <set>

#include "engine/line_cursor.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = 1'308'700'800'000;
const std::string kDay = "c:logs:l:2011:5:22";

class Cells {
  public:
    explicit Cells(std::size_t block_bytes) : store(by_hand(block_bytes)) {}

    // `returned` as it stands in the JSON string.
    void put(int at, const std::string& returned, std::int64_t ttl = 0) {
        store.put("CFLongType", kDay, std::to_string(kMorning + at),
                  "{\"date\":" + std::to_string(kMorning + at) + ",\"returned\":\"" + returned + "\"}", ttl);
    }
    void seal() { must(store->seal()); }
    LogRow row() { return must(store->log_rows({})).at(0); }
    std::vector<BlockInfo> blocks() { return must(store->blocks(row(), nullptr)); }
    std::set<std::uint64_t> numbers() {
        std::set<std::uint64_t> out;
        for (const BlockInfo& block : blocks()) out.insert(block.number);
        return out;
    }
    std::size_t cells_in_blocks() {
        std::size_t out = 0;
        for (const BlockInfo& block : blocks()) out += block.cells;
        return out;
    }
    std::vector<std::string> lines() {
        LineRange range;
        range.order = Order::ascending;
        return store.lines(row(), range);
    }

    OpenedStore store;

  private:
    static SealingOptions by_hand(std::size_t block_bytes) {
        SealingOptions sealing;
        sealing.background = false;
        sealing.block_bytes = block_bytes;
        return sealing;
    }
};

}  // namespace

TEST_CASE("values that never bring a newline go into blocks, but for the last ones") {
    Cells cells(1000);
    for (int i = 0; i < 300; ++i) cells.put(i * 10, "value " + std::to_string(i));
    const std::vector<std::string> lines = cells.lines();
    REQUIRE(lines.size() == 300);
    CHECK(lines[7] == "value 7");
    const std::string slice = cells.store.cells("CFLongType", kDay);
    cells.seal();
    CHECK(cells.cells_in_blocks() == 300 - kMaxJoinedCells);
    CHECK(cells.blocks().size() > 1);
    CHECK(cells.lines() == lines);
    CHECK(cells.store.cells("CFLongType", kDay) == slice);
    cells.store.check();

    SECTION("further ones make no difference to them") {
        const std::set<std::uint64_t> before = cells.numbers();
        for (int i = 300; i < 330; ++i) cells.put(i * 10, "value " + std::to_string(i));
        CHECK(cells.numbers() == before);
        cells.seal();
        CHECK(cells.cells_in_blocks() == 330 - kMaxJoinedCells);
        CHECK(cells.lines().size() == 330);
    }
    SECTION("a newline behind those that decided it makes none either") {
        const std::set<std::uint64_t> before = cells.numbers();
        cells.put(3000, "end\\n");
        CHECK(cells.numbers() == before);
        CHECK(cells.lines().size() == 285);  // the last sixteen and it are one
        cells.seal();
        CHECK(cells.cells_in_blocks() == 301);
        CHECK(cells.lines().size() == 285);
    }
    SECTION("one among those that decided it takes the last block apart") {
        const std::set<std::uint64_t> before = cells.numbers();
        cells.put(2835, "end\\n");
        std::set<std::uint64_t> last = before;
        for (const std::uint64_t number : cells.numbers()) last.erase(number);
        CHECK(last.size() == 1);
        CHECK(cells.lines().size() == 285);
        cells.seal();
        CHECK(cells.lines().size() == 285);
        cells.store.reopen_after_crash();
        CHECK(cells.lines().size() == 285);
    }
    SECTION("it is still known after a restart") {
        cells.store.reopen();
        cells.put(2945, "end\\n");
        CHECK(cells.lines().size() == 285);
        must(cells.store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 2945)));
        CHECK(cells.lines() == lines);
    }
    SECTION("when the day is over the last ones go too, and come back when something follows") {
        cells.store.clock.advance(86'400'000);
        must(cells.store->compact());
        CHECK(cells.cells_in_blocks() == 300);
        CHECK(cells.lines() == lines);
        cells.store.reopen();
        cells.put(3000, "end\\n");
        CHECK(cells.lines().size() == 285);
        must(cells.store->compact());
        CHECK(cells.cells_in_blocks() == 301);
        CHECK(cells.blocks().size() == 1);
        CHECK(cells.lines().size() == 285);
    }
    SECTION("and when blocks are merged") {
        for (int i = 300; i < 400; ++i) {
            cells.put(i * 10, "value " + std::to_string(i));
            if (i % 9 == 0) cells.seal();
        }
        must(cells.store->compact());
        CHECK(cells.blocks().size() <= 3);
        CHECK(cells.cells_in_blocks() == 400 - kMaxJoinedCells);
        CHECK(cells.lines().size() == 400);
        cells.put(3855, "end\\n");
        CHECK(cells.lines().size() == 385);
    }
    cells.store.check();
}

TEST_CASE("a late whole cell takes no more than one block apart, also where cells expire") {
    for (const std::int64_t ttl : {std::int64_t{0}, std::int64_t{1000}}) {
        INFO("ttl " << ttl);
        Cells cells(200);
        for (int i = 0; i < 100; ++i) {
            cells.put(i * 10, "line " + std::to_string(i) + "\\n", ttl);
            cells.store.clock.advance(10);
            if (i % 10 == 9) cells.seal();
        }
        const std::set<std::uint64_t> before = cells.numbers();
        REQUIRE(before.size() > 4);
        const auto gone = [&] {
            const std::set<std::uint64_t> now = cells.numbers();
            return std::count_if(before.begin(), before.end(),
                                 [&](std::uint64_t number) { return !now.contains(number); });
        };
        const std::vector<BlockInfo> blocks = cells.blocks();
        const auto between = static_cast<int>(blocks[1].first_cell_ms - 5 - kMorning);
        cells.put(between, "late\\n", ttl);
        CHECK(gone() == 0);
        cells.put(between + 10, "late\\n", ttl);
        CHECK(gone() == 1);
        CHECK(cells.lines().size() == 102);
        must(cells.store->remove_cell("CFLongType", kDay, std::to_string(blocks[3].first_cell_ms)));
        CHECK(gone() == 2);
        CHECK(cells.lines().size() == 101);
        cells.seal();
        CHECK(cells.lines().size() == 101);
        cells.store.check();
    }
}

TEST_CASE("a late half line takes apart what it reaches into") {
    Cells cells(200);
    for (int i = 0; i < 100; ++i) {
        cells.put(i * 10, "line " + std::to_string(i) + "\\n");
        if (i % 10 == 9) cells.seal();
    }
    const std::size_t before = cells.blocks().size();
    REQUIRE(before > 4);
    cells.put(static_cast<int>(cells.blocks()[1].first_cell_ms - 5 - kMorning), "late ");
    CHECK(cells.blocks().size() == before - 1);
    const std::vector<std::string> lines = cells.lines();
    CHECK(lines.size() == 100);
    CHECK(std::any_of(lines.begin(), lines.end(),
                      [](const std::string& line) { return line.starts_with("late line "); }));
    cells.seal();
    CHECK(cells.lines() == lines);
    CHECK(cells.cells_in_blocks() == 101);
    cells.store.check();
}

TEST_CASE("merging goes on behind blocks that cannot be joined") {
    Cells cells(1000);
    const auto fill = [&](int from) {
        for (int i = from; i < from + 4; ++i) cells.put(i, std::string(99, 'x') + "\\n");
        cells.seal();
    };
    // A half line that expires is never sealed, and keeps what is around it apart.
    const auto divide = [&](int at) {
        cells.put(at, "half ", 100'000);
        cells.put(at + 1, "whole\\n");
    };
    fill(0);
    divide(10);
    fill(20);
    divide(30);
    fill(40);
    divide(50);
    fill(60);
    fill(70);
    fill(80);
    CHECK(cells.blocks().size() == 5);
    CHECK(cells.blocks()[3].cells == 8);
    CHECK(cells.lines().size() == 27);
    cells.store.check();
}
