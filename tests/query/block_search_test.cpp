// Every way to ask, over a store that has blocks and one that has the same lines without: the answers must be
// the same.
#include <random>

#include "query/parse.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/block_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::BlockStore;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;
const char* const kQueries[] = {"*",
                                "failed",
                                "failed 7",
                                "nowhere",
                                "-failed",
                                "port OR 3",
                                "*ort*",
                                "10.0.0.3",
                                "/port [0-9]$/",
                                "/[3-5]/",
                                "client:web1 failed",
                                "log:x2 -client:web1",
                                "level:error",
                                "user:u3 failed",
                                "user!=u3 7",
                                "took>5",
                                "client:none",
                                "\"port 3\" OR nowhere"};

void add_lines(MemoryStore& store, unsigned seed) {
    std::mt19937 random(seed);
    const std::size_t count = random() % 600;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(random() % 10);
        const std::string texts[] = {"failed for 10.0.0." + number + " port " + number,
                                     "ERROR took=" + number + " done", "no number", "",
                                     "user=u" + number + " failed"};
        // Many lines at one time, some late, and three days.
        const auto time = kNoon + static_cast<std::int64_t>(random() % 60) * 100 +
                          static_cast<std::int64_t>(random() % 3) * 86'400'000;
        store.add_line("web" + std::to_string(random() % 2), "x" + std::to_string(random() % 3), time,
                       texts[random() % 5], random() % 4 == 0 ? "{\"user\":\"u" + number + "\"}" : "");
    }
}

struct Both {
    explicit Both(unsigned seed) {
        add_lines(plain, seed);
        add_lines(sealed, seed);
        std::mt19937 random(seed);
        sealed.seal(random, 1 + random() % 30, random() % 4);
    }
    MemoryStore plain;
    BlockStore sealed;
};

std::string shown(const Entry& entry) {
    return format_line_id(entry.id) + " " + entry.client + " " + entry.log + " " + entry.line + entry.fields +
           "\n";
}

std::string shown(const std::vector<Entry>& entries) {
    std::string out;
    for (const Entry& entry : entries) out += shown(entry);
    return out;
}

// All pages of a walk, one behind the other.
std::string walk(const Store& store, SearchRequest request, Limits limits, std::string* last_prev = nullptr) {
    std::string out;
    for (int pages = 0; pages < 5000; ++pages) {
        Execution execution(limits);
        if (pages % 2 == 0) execution.help_after = {};  // several threads from the first block on
        const auto page = search(store, request, execution);
        REQUIRE(page.ok());
        out += shown(page->entries);
        if (last_prev != nullptr) *last_prev = page->prev;
        if (page->next.empty()) return out;
        request.cursor = page->next;
    }
    FAIL("a walk without end");
    return out;
}

std::string walk_back(const Store& store, SearchRequest request, std::string cursor) {
    std::string out;
    for (int pages = 0; pages < 5000; ++pages) {
        request.cursor = cursor;
        Execution execution;
        const auto page = search(store, request, execution);
        REQUIRE(page.ok());
        if (page->entries.empty()) return out;
        out = shown(page->entries) + out;
        cursor = page->prev;
    }
    FAIL("a walk without end");
    return out;
}

std::string shown(const Histogram& histogram) {
    std::string out = std::to_string(histogram.step_ms) + " " + std::to_string(histogram.total) + "\n";
    for (const auto& series : histogram.series) {
        out += series.value + ":";
        for (const Bucket& bucket : series.buckets)
            if (bucket.count > 0)
                out += " " + std::to_string(bucket.time_ms) + "=" + std::to_string(bucket.count);
        out += "\n";
    }
    return out;
}

Scope random_scope(std::mt19937& random, const Filter& filter) {
    Scope scope;
    scope.filter = &filter;
    if (random() % 2 == 0) scope.from_ms = kNoon + static_cast<std::int64_t>(random() % 6000);
    if (random() % 2 == 0) scope.to_ms = kNoon + 86'400'000 * 2 + static_cast<std::int64_t>(random() % 6000);
    return scope;
}

}  // namespace

TEST_CASE("Pages of a store with blocks are those of one without") {
    for (unsigned seed = 0; seed < 20; ++seed) {
        Both both(seed);
        std::mt19937 random(seed);
        for (const char* text : kQueries) {
            INFO("seed " << seed << ", query " << text);
            const auto query = parse(text);
            REQUIRE(query.ok());
            SearchRequest request;
            request.scope = random_scope(random, *query->filter);
            request.order = random() % 2 == 0 ? Order::ascending : Order::descending;
            request.limit = 1000;
            const std::string expected = walk(both.plain, request, Limits());
            request.limit = 1 + random() % 40;
            std::string prev;
            REQUIRE(walk(both.sealed, request, Limits(), &prev) == expected);
            Limits few;
            few.lines = 300 + random() % 100;  // more than the blocks at one place have
            REQUIRE(walk(both.sealed, request, few) == expected);
            std::string streamed;
            Execution execution;
            execution.help_after = {};
            request.limit = 0;
            REQUIRE(search_stream(both.sealed, request, execution, [&](const Entry& entry) {
                        streamed += shown(entry);
                        return true;
                    }).ok());
            REQUIRE(streamed == expected);
        }
    }
}

TEST_CASE("Walks back over blocks give what the walk forward gave") {
    for (unsigned seed = 100; seed < 115; ++seed) {
        Both both(seed);
        std::mt19937 random(seed);
        for (const char* text : kQueries) {
            INFO("seed " << seed << ", query " << text);
            const auto query = parse(text);
            SearchRequest request;
            request.scope.filter = query->filter.get();
            request.limit = 1 + random() % 40;
            std::string prev;
            const std::string all = walk(both.sealed, request, Limits(), &prev);
            const std::string back = walk_back(both.sealed, request, prev);
            REQUIRE(all.starts_with(back));
            REQUIRE(back == walk_back(both.plain, request, prev));
        }
    }
}

TEST_CASE("Counts over blocks are those of their lines") {
    for (unsigned seed = 200; seed < 230; ++seed) {
        Both both(seed);
        std::mt19937 random(seed);
        for (const char* text : kQueries) {
            const auto query = parse(text);
            const Scope scope = random_scope(random, *query->filter);
            const std::int64_t steps[] = {0, 100, 1000, 86'400'000, 1'000'000'000'000};
            const std::int64_t step = steps[random() % 5];
            const char* const bys[] = {"", "client", "log", "kind", "level", "user"};
            const std::string by = bys[random() % 6];
            INFO("seed " << seed << ", query " << text << ", step " << step << ", by " << by);
            Execution one, other;
            if (random() % 2 == 0) other.help_after = {};
            const auto expected = histogram(both.plain, scope, step, by, one);
            const auto counted = histogram(both.sealed, scope, step, by, other);
            REQUIRE(expected.ok() == counted.ok());
            if (!expected.ok()) continue;
            REQUIRE(shown(*counted) == shown(*expected));
            CHECK(one.stats.lines_matched == other.stats.lines_matched);
            const auto words = count_words(both.plain, scope, 100, one);
            const auto sealed_words = count_words(both.sealed, scope, 100, other);
            REQUIRE((words.ok() && sealed_words.ok()));
            REQUIRE(words->size() == sealed_words->size());
            for (std::size_t i = 0; i < words->size(); ++i) {
                CHECK((*words)[i].word == (*sealed_words)[i].word);
                CHECK((*words)[i].count == (*sealed_words)[i].count);
            }
        }
    }
}

TEST_CASE("The lines around a line are found in blocks") {
    for (unsigned seed = 300; seed < 310; ++seed) {
        Both both(seed);
        SearchRequest request;
        Execution execution;
        const auto page = search(both.plain, request, execution);
        for (std::size_t i = 0; i < page->entries.size(); i += 7) {
            const LineId id = page->entries[i].id;
            const auto expected = context(both.plain, id, i % 5, i % 3, execution);
            const auto found = context(both.sealed, id, i % 5, i % 3, execution);
            REQUIRE((expected.ok() && found.ok()));
            REQUIRE(shown(*found) == shown(*expected));
        }
    }
}

TEST_CASE("The newest page opens only the blocks that it needs") {
    BlockStore store;
    for (int i = 0; i < 1000; ++i) store.add_line("a", "x", kNoon + i, "word " + std::to_string(i));
    std::mt19937 random(1);
    store.seal(random, 50, 0);
    const auto query = parse("word");
    SearchRequest request;
    request.scope.filter = query->filter.get();
    request.limit = 10;
    Execution execution;
    execution.help_after = std::chrono::hours(1);
    const auto page = search(store, request, execution);
    REQUIRE(page.ok());
    CHECK(page->entries.size() == 10);
    CHECK(store.blocks_opened <= 2);
}

TEST_CASE("A long query reads blocks ahead, as far as its memory goes") {
    BlockStore store;
    for (int i = 0; i < 1000; ++i) store.add_line("a", "x", kNoon + i, "word " + std::to_string(i));
    std::mt19937 random(1);
    store.seal(random, 50, 0);
    const auto query = parse("/word [0-9]*7/");
    SearchRequest request;
    request.scope.filter = query->filter.get();
    request.limit = 100;
    for (const std::size_t memory : {std::size_t{64} << 10, std::size_t{64} << 20}) {
        Limits limits;
        limits.memory_bytes = memory;
        Execution execution(limits);
        execution.help_after = {};
        const auto page = search(store, request, execution);
        REQUIRE(page.ok());
        CHECK(page->entries.size() == 100);
        CHECK(execution.stats.stopped_by.empty());
        CHECK(page->entries.front().line == "word 997");
    }
}

TEST_CASE("A query over blocks ends when its reader has gone away") {
    BlockStore store;
    for (int i = 0; i < 1000; ++i) store.add_line("a", "x", kNoon + i, "word " + std::to_string(i));
    std::mt19937 random(1);
    store.seal(random, 50, 0);
    const auto query = parse("nowhere");
    Scope scope;
    scope.filter = query->filter.get();
    Execution execution;
    execution.gone = [&] { return store.blocks_opened >= 3; };
    const auto counted = histogram(store, scope, 1000, "", execution);
    if (!counted.ok()) CHECK(counted.error().code == Code::cancelled);
    execution.cancel();
    const auto again = histogram(store, scope, 1000, "", execution);
    REQUIRE(!again.ok());
    CHECK(again.error().code == Code::cancelled);
}
