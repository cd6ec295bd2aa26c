// What ends a query early while it, and threads beside it, read blocks: its reader has gone away, its time is
// over, its memory is used up.
#include <atomic>
#include <functional>
#include <optional>
#include <random>
#include <thread>

#include "query/parse.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/block_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::BlockStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;
constexpr std::size_t kLines = 4000;
constexpr std::size_t kBlockLines = 100;

// Calls `opened` whenever a block is opened, on the thread that does it.
class WatchedStore final : public BlockStore {
  public:
    std::function<void()> opened;
    Result<std::unique_ptr<block::BlockReader>> open_block(const LogRow& row, const BlockInfo& info,
                                                           const SnapshotPtr& snapshot) const override {
        auto reader = BlockStore::open_block(row, info, snapshot);
        if (opened) opened();
        return reader;
    }
};

void fill(WatchedStore& store) {
    for (std::size_t i = 0; i < kLines; ++i)
        store.add_line("a", "x", kNoon + static_cast<std::int64_t>(i),
                       "word " + std::to_string(i * 7919) + " end");
    std::mt19937 random(1);
    store.seal(random, kBlockLines, 0);
}

Scope scope_of(const FilterPtr& filter) {
    Scope scope;
    scope.filter = filter.get();
    return scope;
}

// Every way to go through blocks; what it fails with, or nothing.
std::vector<std::optional<Error>> ask_all(const Store& store, const std::function<void(Execution&)>& prepare,
                                          const Limits& limits,
                                          std::vector<std::string>* stopped_by = nullptr) {
    const auto query = parse("/[0-9]5 |[0-9] [0-9] [7]/");
    const Scope scope = scope_of(query->filter);
    SearchRequest request;
    request.scope = scope;
    request.limit = 0;
    std::vector<std::optional<Error>> errors;
    for (int way = 0; way < 4; ++way) {
        Execution execution(limits);
        execution.help_after = {};  // threads of the pool from the first block on
        prepare(execution);
        const auto keep = [&](const auto& result) {
            errors.push_back(result.ok() ? std::nullopt : std::optional<Error>(result.error()));
        };
        if (way == 0) keep(histogram(store, scope, 3'600'000, "", execution));
        if (way == 1) keep(histogram(store, scope, 1000, "level", execution));
        if (way == 2) keep(count_words(store, scope, 10, execution));
        if (way == 3) keep(search_stream(store, request, execution, [](const Entry&) { return true; }));
        if (stopped_by != nullptr) stopped_by->push_back(execution.stats.stopped_by);
    }
    return errors;
}

}  // namespace

TEST_CASE("a page over many rows needs memory for the lines that it gives, not for the blocks of all rows") {
    WatchedStore store;
    constexpr int kRows = 60;
    constexpr int kEach = 300;
    for (int row = 0; row < kRows; ++row) {
        for (int i = 0; i < kEach; ++i)
            store.add_line("client" + std::to_string(row), "x", kNoon + i * kRows + row,
                           "word " + std::to_string(i * 7919) + std::string(100, 'x') + " end");
    }
    std::mt19937 random(1);
    store.seal(random, kEach, 0);
    const auto query = parse("word");
    SearchRequest request;
    request.scope = scope_of(query->filter);
    Limits limits;
    limits.memory_bytes = std::size_t{2} << 20;  // all blocks have 2 MiB of text, and more beside it
    for (const bool helped : {false, true}) {
        std::size_t lines = 0;
        std::optional<std::int64_t> last;
        request.limit = 100;
        request.cursor.clear();
        do {
            Execution execution(limits);
            if (helped) execution.help_after = {};
            const auto page = search(store, request, execution);
            REQUIRE(page.ok());
            REQUIRE(execution.stats.stopped_by.empty());
            for (const Entry& entry : page->entries) {
                CHECK((!last || entry.id.time_ms == *last - 1));
                last = entry.id.time_ms;
            }
            lines += page->entries.size();
            request.cursor = page->next;
        } while (!request.cursor.empty());
        CHECK(lines == kRows * kEach);
    }
}

TEST_CASE("a query ends when its reader goes away while threads read its blocks") {
    WatchedStore store;
    fill(store);
    std::atomic<std::size_t> opened{0};
    store.opened = [&] { ++opened; };
    std::size_t before = 0;
    const auto errors = ask_all(
        store,
        [&](Execution& execution) {
            before = opened;
            execution.gone = [&] { return opened > before + 2; };
        },
        Limits());
    // Asked at most every kGonePollInterval: a quick query may be through before.
    for (const auto& error : errors)
        if (error) CHECK(error->code == Code::cancelled);
    // Without any interval it never is.
    Execution* asked = nullptr;
    store.opened = [&] { asked->cancel(); };
    for (const auto& error : ask_all(
             store, [&](Execution& execution) { asked = &execution; }, Limits())) {
        REQUIRE(error);
        CHECK(error->code == Code::cancelled);
    }
}

TEST_CASE("a query ends at its deadline while threads read its blocks") {
    WatchedStore store;
    fill(store);
    Limits limits;
    limits.time = std::chrono::milliseconds(2);
    Execution* asked = nullptr;
    store.opened = [&] {
        while (asked->elapsed() < limits.time) std::this_thread::yield();
    };
    std::vector<std::string> stopped_by;
    const auto errors = ask_all(
        store, [&](Execution& execution) { asked = &execution; }, limits, &stopped_by);
    for (std::size_t i = 0; i < errors.size(); ++i) {
        CHECK(!errors[i]);
        CHECK(stopped_by[i] == "query_timeout");
    }
}

TEST_CASE("open blocks count against a query's memory") {
    WatchedStore store;
    fill(store);
    const auto query = parse("/[0-9]5 end/");
    for (const std::size_t memory : {std::size_t{4} << 10, std::size_t{12} << 10}) {
        Limits limits;
        limits.memory_bytes = memory;
        SearchRequest request;
        request.scope = scope_of(query->filter);
        Execution execution(limits);
        execution.help_after = {};
        const auto page = search(store, request, execution);
        // Not even one block: a page that could not come on is an error, and says why.
        if (!page.ok()) {
            CHECK(page.error().code == Code::limit_exceeded);
            CHECK(page.error().message.find("query_max_memory") != std::string::npos);
        } else {
            CHECK(execution.stats.stopped_by == "query_max_memory");
            CHECK(!page->next.empty());
        }
    }
    std::vector<std::string> stopped_by;
    Limits tiny;
    tiny.memory_bytes = 8 << 10;
    ask_all(
        store, [](Execution&) {}, tiny, &stopped_by);
    for (const std::string& why : stopped_by) CHECK(why == "query_max_memory");
}

TEST_CASE("what reading a block really takes counts, whoever reads it") {
    // Sixty columns of short numbers: their places take more than the text.
    WatchedStore store;
    std::mt19937 random(2);
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (int word = 0; word < 60; ++word) text += std::to_string(random() % 10) + " ";
        store.add_line("a", "x", kNoon + i, text);
    }
    store.seal(random, 500, 0);
    std::vector<std::string> stopped_by;
    Limits limits;
    limits.memory_bytes = 140'000;
    ask_all(
        store, [](Execution&) {}, limits, &stopped_by);
    for (const std::string& why : stopped_by) CHECK(why == "query_max_memory");
    stopped_by.clear();
    limits.memory_bytes = 4'000'000;
    for (const auto& error : ask_all(
             store, [](Execution&) {}, limits, &stopped_by))
        CHECK(!error);
    for (const std::string& why : stopped_by) CHECK(why.empty());
}

TEST_CASE("lines of a block that was read ahead may take more than finding them did") {
    WatchedStore store;
    std::mt19937 random(5);
    for (int i = 0; i < 2000; ++i) {
        std::string text = "word";
        for (int number = 0; number < 60; ++number) text += " " + std::to_string(random() % 10);
        store.add_line("a", "x", kNoon + i, text);
    }
    store.seal(random, 500, 0);
    const auto query = parse("word");
    SearchRequest request;
    request.scope = scope_of(query->filter);
    request.limit = 1500;
    Execution execution;
    execution.help_after = {};
    const auto page = search(store, request, execution);
    REQUIRE(page.ok());
    CHECK(page->entries.size() == 1500);
    CHECK(execution.stats.stopped_by.empty());
}

TEST_CASE("blocks that need more than their text are read one by one rather than not at all") {
    // Short lines in large blocks: what is decoded is many times the text.
    WatchedStore store;
    for (int i = 0; i < 20'000; ++i) store.add_line("a", "x", kNoon + i, std::to_string(i % 10));
    std::mt19937 random(3);
    store.seal(random, 5000, 0);
    const auto query = parse("/[37]/");
    Limits limits;
    limits.memory_bytes = std::size_t{3} << 20;
    Execution execution(limits);
    execution.help_after = {};
    const auto counted = histogram(store, scope_of(query->filter), 3'600'000, "level", execution);
    REQUIRE(counted.ok());
    CHECK(counted->total == 4000);
    CHECK(execution.stats.stopped_by.empty());
}

TEST_CASE("a block refuses to be read beyond what its reader may take") {
    block::BlockWriter writer;
    for (int i = 0; i < 5000; ++i) writer.add({kNoon + i, 0, 0, "n " + std::to_string(i * 7919), ""});
    const std::string bytes = writer.finish("", block::kFastLevel).value();
    auto reader = block::open_block(bytes).value();
    reader->limit_memory(reader->memory_bytes() + 1000);
    const auto refused = reader->line(0);
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == Code::limit_exceeded);
    reader->let_go();
    reader->limit_memory(SIZE_MAX);
    CHECK(reader->line(0).value().text == "n 0");
}
