// Pages where memory is short: of very many rows, and of blocks that do not all fit.
#include <algorithm>
#include <random>

#include "query/parse.h"
#include "query/row_merge.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/block_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::BlockStore;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;  // 2011-11-21 12:00 UTC
constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// A request that owns its filter.
struct Request : SearchRequest {
    Request(const std::string& text, Order wanted_order, std::size_t wanted_limit) {
        auto parsed = parse(text);
        NM_CHECK(parsed.ok());
        query = std::move(parsed).value();
        scope.filter = query.filter.get();
        order = wanted_order;
        limit = wanted_limit;
    }
    Query query;
};

// All pages, forwards; how many of them were cut short.
struct Walked {
    std::vector<LineId> ids;
    std::size_t pages = 0, cut = 0;
    std::string last_prev;
};
Walked walk_all(const Store& store, SearchRequest request, Limits limits) {
    Walked walked;
    do {
        Execution execution(limits);
        const auto page = search(store, request, execution);
        if (!page.ok()) FAIL(page.error().message);
        for (const Entry& entry : page->entries) walked.ids.push_back(entry.id);
        ++walked.pages;
        if (!execution.stats.stopped_by.empty()) {
            CHECK(execution.stats.stopped_by == "query_max_memory");
            ++walked.cut;
        }
        request.cursor = page->next;
        walked.last_prev = page->prev;
    } while (!request.cursor.empty());
    return walked;
}

void check_whole(const Walked& walked, Order order, std::size_t lines) {
    CHECK(walked.ids.size() == lines);
    const auto disordered = std::adjacent_find(
        walked.ids.begin(), walked.ids.end(),
        [&](const LineId& a, const LineId& b) { return order == Order::ascending ? b <= a : a <= b; });
    CHECK(disordered == walked.ids.end());
}

}  // namespace

TEST_CASE("A page comes on however many rows it has to open") {
    MemoryStore store;
    constexpr std::size_t kRows = 20'000;
    for (std::size_t i = 0; i < 3 * kRows; ++i)
        store.add_line("c" + std::to_string(i % kRows), "x", kNoon + static_cast<std::int64_t>(i / 7), "one");
    store.widen_bounds(kDayMs);
    Limits limits;
    limits.memory_bytes = std::size_t{64} << 20;
    REQUIRE(kRows * kOpenRowBytes > 2 * limits.memory_bytes);
    for (const Order order : {Order::ascending, Order::descending}) {
        store.rows_opened = 0;
        Execution execution(limits);
        const auto page = search(store, Request("", order, 1000), execution);
        REQUIRE(page.ok());
        CHECK(page->entries.size() == 1000);
        CHECK(execution.stats.stopped_by.empty());
        CHECK(store.rows_opened < kRows + 3 * 1000);
        const Walked walked = walk_all(store, Request("", order, 20'000), limits);
        CHECK(walked.cut == 0);
        check_whole(walked, order, 3 * kRows);
        // Nothing matches: each row is gone through, and none stays open.
        CHECK(walk_all(store, Request("two", order, 1000), limits).ids.empty());
    }
}

TEST_CASE("A walk goes through more rows than there is memory for, those that come first at a time") {
    MemoryStore store;
    constexpr std::size_t kDays = 40, kClients = 60;
    for (std::size_t i = 0; i < 2 * kDays * kClients; ++i)
        store.add_line(
            "c" + std::to_string(i % kClients), "x",
            kNoon + static_cast<std::int64_t>(i / kClients % kDays) * kDayMs + static_cast<std::int64_t>(i),
            i % 97 == 0 ? "one rare" : "one");
    store.widen_bounds(3'600'000);
    Limits limits;
    limits.memory_bytes = std::size_t{1} << 20;
    for (const Order order : {Order::ascending, Order::descending}) {
        const Walked rare = walk_all(store, Request("rare", order, 300), limits);
        CHECK(rare.cut > 2);
        CHECK(rare.pages < 20);
        check_whole(rare, order, (2 * kDays * kClients + 96) / 97);
        const Walked walked = walk_all(store, Request("", order, 300), limits);
        CHECK(walked.pages < 30);
        check_whole(walked, order, 2 * kDays * kClients);
        // And back: what is before the last page.
        std::vector<LineId> back;
        Request request("", order, 300);
        request.cursor = walked.last_prev;
        for (int page = 0; page < 100; ++page) {
            Execution execution(limits);
            const auto found = search(store, request, execution);
            if (!found.ok()) FAIL(found.error().message);
            for (auto entry = found->entries.rbegin(); entry != found->entries.rend(); ++entry)
                back.push_back(entry->id);
            if (found->entries.empty() && execution.stats.stopped_by.empty()) break;
            request.cursor = found->prev;
        }
        std::reverse(back.begin(), back.end());
        REQUIRE(back.size() < walked.ids.size());
        CHECK(std::equal(back.begin(), back.end(), walked.ids.begin()));
    }
}

TEST_CASE("A page that is cut short repeats nothing where blocks begin before the range does") {
    BlockStore store;
    constexpr int kRows = 30, kEach = 40;
    for (int i = 0; i < kRows * kEach; ++i)
        store.add_line("c" + std::to_string(i % kRows), "x", kNoon + i / kRows, std::string(200, 'x'));
    std::mt19937 random(3);
    store.seal(random, kEach, 0);
    std::size_t cut = 0;
    for (std::size_t memory = 120'000; memory < 400'000; memory += 7'111) {
        Limits limits;
        limits.memory_bytes = memory;
        CAPTURE(memory);
        for (const Order order : {Order::ascending, Order::descending}) {
            Request request("", order, 1000);
            request.scope.from_ms = kNoon + 10;
            request.scope.to_ms = kNoon + 30;
            const Walked walked = walk_all(store, request, limits);
            check_whole(walked, order, kRows * 20);
            cut += walked.cut;
        }
    }
    CHECK(cut > 20);
}

TEST_CASE("A line at the very beginning of its row's hour is not passed over where the memory ends") {
    MemoryStore store;
    for (int client = 0; client < 40; ++client)
        for (int i = 0; i < 3; ++i) store.add_cell_line("c" + std::to_string(client), "x", kNoon + i, "one");
    for (std::size_t memory = 80'000; memory < 200'000; memory += 2'311) {
        Limits limits;
        limits.memory_bytes = memory;
        CAPTURE(memory);
        for (const Order order : {Order::ascending, Order::descending})
            check_whole(walk_all(store, Request("", order, 7), limits), order, 120);
    }
}
