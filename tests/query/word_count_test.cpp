#include "query/parse.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;

std::string show(const std::vector<WordCount>& words) {
    std::string out;
    for (const WordCount& word : words) {
        out += (out.empty() ? "" : " ") + word.word + "=" + std::to_string(word.count);
        if (word.may_miss > 0) out += "?";
    }
    return out;
}

}  // namespace

TEST_CASE("Words are counted once a line, whatever their case") {
    MemoryStore store;
    store.add_line("a", "x", kNoon, "Error: disk full, error again");
    store.add_line("a", "x", kNoon + 1, "disk_full ERROR");
    store.add_line("b", "x", kNoon + 2, "Größe 7, größe");
    Execution execution;
    CHECK(show(*count_words(store, {}, 100, execution)) == "disk=2 error=2 full=2 7=1 again=1 größe=1");
    CHECK(show(*count_words(store, {}, 2, execution)) == "disk=2 error=2");
    const auto query = parse("client:b");
    Scope scope;
    scope.filter = query->filter.get();
    CHECK(show(*count_words(store, scope, 100, execution)) == "7=1 größe=1");
    scope.to_ms = kNoon;
    CHECK(show(*count_words(store, scope, 100, execution)).empty());
    CHECK(count_words(store, {}, 0, execution).error().code == Code::invalid_argument);
    CHECK(count_words(store, {}, kMaxWords + 1, execution).error().code == Code::invalid_argument);
}

TEST_CASE("With a prefix only the words that begin so are counted") {
    MemoryStore store;
    store.add_line("a", "x", kNoon, "Connection lost, connected again; reconnect");
    store.add_line("a", "x", kNoon + 1, "CONNECTION kept");
    Execution execution;
    CHECK(show(*count_words(store, {}, 100, execution, "conn")) == "connection=2 connected=1");
    CHECK(show(*count_words(store, {}, 100, execution, "z")).empty());
}

TEST_CASE("Where memory is short the rarest words are forgotten, and the others stay right") {
    MemoryStore store;
    for (int i = 0; i < 3000; ++i)
        store.add_line(
            "a", "x", kNoon + i,
            "always id" + std::to_string(i) + (i % 3 == 0 ? " third" : "") + (i == 2 ? " once" : ""));
    Limits limits;
    limits.memory_bytes = 100'000;
    Execution execution(limits);
    const auto words = count_words(store, {}, 1000, execution);
    REQUIRE(words.ok());
    CHECK(words->size() < 1000);
    REQUIRE(words->size() > 2);
    CHECK(show({words->begin(), words->begin() + 2}) == "always=3000 third=1000");
    CHECK(execution.stats.stopped_by.empty());
    for (const WordCount& word : *words) {
        const std::uint64_t truth = word.word == "always" ? 3000 : word.word == "third" ? 1000 : 1;
        CHECK(word.count <= truth);
        CHECK(word.count + word.may_miss >= truth);
    }
    CHECK(words->back().may_miss > 0);
}

TEST_CASE("At a limit on lines the words are those of the newest") {
    MemoryStore store;
    for (int i = 0; i < 200; ++i) store.add_line("a", "x", kNoon + i, i < 100 ? "old" : "new");
    Limits limits;
    limits.lines = 100;
    Execution execution(limits);
    CHECK(show(*count_words(store, {}, 10, execution)) == "new=100");
    CHECK(execution.stats.stopped_by == "query_max_lines");
    execution.cancel();
    CHECK(count_words(store, {}, 10, execution).error().code == Code::cancelled);
}
