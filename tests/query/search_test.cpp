#include "query/search.h"

#include "query/parse.h"
#include "query/row_merge.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;  // 2011-11-21 12:00 UTC
constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

std::string texts(const std::vector<Entry>& entries) {
    std::string out;
    for (const Entry& entry : entries) out += (out.empty() ? "" : " ") + entry.line;
    return out;
}

// A request that owns its filter.
struct Request : SearchRequest {
    explicit Request(const std::string& text = "", Order wanted_order = Order::descending,
                     std::size_t wanted_limit = 2) {
        auto parsed = parse(text);
        NM_CHECK(parsed.ok());
        query = std::move(parsed).value();
        scope.filter = query.filter.get();
        order = wanted_order;
        limit = wanted_limit;
    }
    Query query;
};

SearchPage page_of(const Store& store, const SearchRequest& request, Limits limits = {}) {
    Execution execution(limits);
    auto page = search(store, request, execution);
    if (!page.ok()) FAIL(page.error().message);
    return std::move(page).value();
}

SearchPage page_at(const Store& store, SearchRequest request, const std::string& cursor, Limits limits = {}) {
    request.cursor = cursor;
    return page_of(store, request, limits);
}

Code error_of(const Store& store, const SearchRequest& request, Limits limits = {}) {
    Execution execution(limits);
    const auto page = search(store, request, execution);
    REQUIRE(!page.ok());
    return page.error().code;
}

}  // namespace

TEST_CASE("A search goes through the rows in the order of time, then of the row") {
    MemoryStore store;
    store.add_line("b", "x", kNoon, "one");
    store.add_line("a", "/var/y", kNoon, "two");
    store.add_line("b", "x", kNoon, "three");
    store.add_line("a", "/var/y", kNoon - 5, "zero", R"({"n":1})");
    store.add_line("b", "x", kNoon + kDayMs, "four");
    CHECK(texts(page_of(store, Request("", Order::ascending, 9)).entries) == "zero one three two four");
    CHECK(texts(page_of(store, Request("", Order::descending, 9)).entries) == "four two three one zero");
    const Entry zero = page_of(store, Request("zero")).entries.at(0);
    CHECK(zero.client == "a");
    CHECK(zero.log == "_var_y");
    CHECK(zero.kind == "logs");
    CHECK(zero.fields == R"({"n":1})");
    CHECK(zero.id.time_ms == kNoon - 5);

    Request some("", Order::ascending, 9);
    some.scope.from_ms = kNoon;
    some.scope.to_ms = kNoon + kDayMs;
    CHECK(texts(page_of(store, some).entries) == "one three two");
    some.scope.family = "elsewhere";
    CHECK(page_of(store, some).entries.empty());
}

TEST_CASE("Pages lead on and back") {
    MemoryStore store;
    for (int i = 0; i < 7; ++i)
        store.add_line(i % 2 == 0 ? "a" : "b", "x", kNoon + i / 3, "l" + std::to_string(i));
    for (const Order order : {Order::ascending, Order::descending}) {
        const Request request("", order, 3);
        const std::string all = texts(page_of(store, Request("", order, 7)).entries);
        const SearchPage first = page_of(store, request);
        const SearchPage second = page_at(store, request, first.next);
        const SearchPage third = page_at(store, request, second.next);
        CHECK(texts(first.entries) + " " + texts(second.entries) + " " + texts(third.entries) == all);
        CHECK(third.entries.size() == 1);
        CHECK(third.next.empty());
        const SearchPage back = page_at(store, request, third.prev);
        CHECK(texts(back.entries) == texts(second.entries));
        CHECK(texts(page_at(store, request, back.prev).entries) == texts(first.entries));
        CHECK(texts(page_at(store, request, back.next).entries) == texts(third.entries));
        // Before the first page there is nothing yet; from there the first page is next.
        const SearchPage before = page_at(store, request, first.prev);
        CHECK(before.entries.empty());
        CHECK(texts(page_at(store, request, before.next).entries) == texts(first.entries));
    }
}

TEST_CASE("A full page at the very end has no next") {
    MemoryStore store;
    store.add_line("a", "x", kNoon, "one");
    store.add_line("a", "x", kNoon + 1, "two");
    CHECK(page_of(store, Request("", Order::descending, 2)).next.empty());
    CHECK(page_of(store, Request("", Order::ascending, 2)).next.empty());
    CHECK(!page_of(store, Request("", Order::ascending, 1)).next.empty());
}

TEST_CASE("New lines are found behind prev, also where nothing was yet") {
    MemoryStore store;
    const Request request("error", Order::descending, 10);
    SearchPage page = page_of(store, request);
    CHECK(page.next.empty());
    REQUIRE(!page.prev.empty());
    store.add_line("a", "x", kNoon, "error 1");
    page = page_at(store, request, page.prev);
    CHECK(texts(page.entries) == "error 1");
    page = page_at(store, request, page.prev);
    CHECK(page.entries.empty());
    store.add_line("a", "x", kNoon, "error 2");
    store.add_line("a", "x", kNoon, "quiet");
    store.add_line("b", "x", kNoon, "error 3");
    page = page_at(store, request, page.prev);
    CHECK(texts(page.entries) == "error 3 error 2");
    CHECK(texts(page_at(store, request, page.next).entries) == "error 1");
}

TEST_CASE("A page walk keeps the times of its first page") {
    MemoryStore store;
    for (int i = 0; i < 6; ++i) store.add_line("a", "x", kNoon + i, "l" + std::to_string(i));
    Request request;
    request.scope.from_ms = kNoon + 1;
    request.scope.to_ms = kNoon + 5;
    const SearchPage first = page_of(store, request);
    CHECK(texts(first.entries) == "l4 l3");
    request.scope.from_ms = kNoon + 3;  // "-1h", a little later
    request.scope.to_ms = INT64_MAX;
    const SearchPage second = page_at(store, request, first.next);
    CHECK(texts(second.entries) == "l2 l1");
    CHECK(second.next.empty());
}

TEST_CASE("A search refuses a bad limit, a foreign cursor, and one of another query") {
    MemoryStore store;
    for (int i = 0; i < 5; ++i) store.add_line("a", "x", kNoon + i, "error " + std::to_string(i));
    CHECK(error_of(store, Request("", Order::descending, 0)) == Code::invalid_argument);
    CHECK(error_of(store, Request("", Order::descending, kMaxSearchLimit + 1)) == Code::invalid_argument);
    Request request("error");
    request.cursor = "next please";
    CHECK(error_of(store, request) == Code::invalid_argument);
    const std::string next = page_of(store, Request("error")).next;
    Request others[] = {Request("warning"), Request(""), Request("error", Order::ascending)};
    for (Request& other : others) {
        other.cursor = next;
        CHECK(error_of(store, other) == Code::invalid_argument);
    }
    Request same(" error ", Order::descending, 9);
    same.cursor = next;
    CHECK(texts(page_of(store, same).entries) == "error 2 error 1 error 0");
}

TEST_CASE("Only the rows that a page needs are opened") {
    MemoryStore store;
    for (int day = 0; day < 300; ++day)
        for (int i = 0; i < 5; ++i) store.add_line("a", "x", kNoon + day * kDayMs + i, "l");
    for (int log = 0; log < 300; ++log)
        store.add_line("b", "x" + std::to_string(log), kNoon - kDayMs + log, "early");
    CHECK(page_of(store, Request("", Order::descending, 4)).entries.size() == 4);
    CHECK(store.rows_opened <= 2);
    store.rows_opened = 0;
    CHECK(page_of(store, Request("", Order::ascending, 4)).entries.size() == 4);
    CHECK(store.rows_opened <= 6);
    store.rows_opened = 0;
    CHECK(page_of(store, Request("client:nobody")).entries.empty());
    CHECK(store.rows_opened == 0);
    // Behind a cursor the days before it stay closed as well.
    const Request request("", Order::descending, 700);
    const SearchPage page = page_of(store, request);
    store.rows_opened = 0;
    CHECK(page_at(store, Request("", Order::descending, 4), page.next).entries.size() == 4);
    CHECK(store.rows_opened <= 2);
}

TEST_CASE("A page that runs into a limit leads on, and the walk gives every line once") {
    MemoryStore store;
    for (int i = 0; i < 1000; ++i)
        store.add_line("c" + std::to_string(i % 7), "x", kNoon + i / 10,
                       i % 100 == 0 ? "rare" + std::to_string(i) : "common");
    Limits limits;
    std::string stopped_by;
    SECTION("lines") {
        limits.lines = 50;
        stopped_by = "query_max_lines";
    }
    SECTION("memory") {
        limits.memory_bytes = 7 * (kOpenRowBytes + 400);
        stopped_by = "query_max_memory";
    }
    for (const Order order : {Order::ascending, Order::descending}) {
        for (const std::string text : {"rare*", ""}) {
            CAPTURE(text);
            const Request request(text, order, 400);
            const std::string all = texts(page_of(store, Request(text, order, 1000)).entries);
            std::string walked, cursor;
            int partial = 0;
            do {
                SearchRequest one = request;
                one.cursor = cursor;
                Execution execution(limits);
                const auto page = search(store, one, execution);
                REQUIRE(page.ok());
                if (!execution.stats.stopped_by.empty()) {
                    CHECK(execution.stats.stopped_by == stopped_by);
                    ++partial;
                }
                if (!page->entries.empty()) walked += (walked.empty() ? "" : " ") + texts(page->entries);
                cursor = page->next;
            } while (!cursor.empty());
            CHECK(walked == all);
            if (stopped_by == "query_max_lines" || text.empty()) CHECK(partial > 1);
        }
    }
}

TEST_CASE("A search that cannot come on at all is an error, and so is a cancelled one") {
    MemoryStore store;
    for (const int time : {0, 10})
        for (const char* client : {"a", "b", "c"}) store.add_line(client, "x", kNoon + time, "one");
    Limits limits;
    limits.lines = 1;  // but in the middle three rows must be looked at to know which line is next
    Request request;
    std::optional<Error> error;
    for (int page = 0; page < 5 && !error; ++page) {
        Execution execution(limits);
        const auto found = search(store, request, execution);
        if (found.ok()) request.cursor = found->next;
        if (!found.ok()) error = found.error();
    }
    REQUIRE(error);
    CHECK(error->code == Code::limit_exceeded);
    limits = {};
    limits.memory_bytes = 10;
    CHECK(error_of(store, Request(), limits) == Code::limit_exceeded);
    Execution execution;
    execution.cancel();
    CHECK(search(store, Request(), execution).error().code == Code::cancelled);
}

TEST_CASE("A search without any time still comes on a little") {
    MemoryStore store;
    for (int i = 0; i < 200; ++i) store.add_line("a", "x", kNoon + i, "l" + std::to_string(i));
    Limits limits;
    limits.time = std::chrono::milliseconds(0);
    Execution execution(limits);
    const Request request("", Order::ascending, 200);
    const auto page = search(store, request, execution);
    REQUIRE(page.ok());
    CHECK(page->entries.size() == kLinesPerCheck);
    CHECK(execution.stats.stopped_by == "query_timeout");
    CHECK(page_at(store, request, page->next).entries.size() == 200 - kLinesPerCheck);
}

TEST_CASE("A stream hands over each entry until its reader has enough") {
    MemoryStore store;
    for (int i = 0; i < 300; ++i) store.add_line("a", "x", kNoon + i, "l" + std::to_string(i));
    const auto stream = [&store](const SearchRequest& request, std::size_t enough, Limits limits = {}) {
        std::vector<Entry> got;
        Execution execution(limits);
        const auto done = search_stream(store, request, execution, [&](const Entry& entry) {
            got.push_back(entry);
            return got.size() < enough;
        });
        if (!done.ok()) return std::string(code_name(done.error().code));
        return std::to_string(got.size()) + " " + (got.empty() ? "" : got.back().line) +
               execution.stats.stopped_by;
    };
    CHECK(stream(Request("", Order::ascending, 0), 9999) == "300 l299");
    CHECK(stream(Request("", Order::descending, 5), 9999) == "5 l295");
    CHECK(stream(Request("", Order::descending, 0), 7) == "7 l293");
    Limits limits;
    limits.lines = 100;
    CHECK(stream(Request("", Order::ascending, 0), 9999, limits) == "100 l99query_max_lines");
    const SearchPage page = page_of(store, Request());
    Request whole;
    whole.cursor = page.next;
    CHECK(stream(whole, 9999) == "2 l296");
    whole.cursor = page.prev;
    CHECK(stream(whole, 9999) == "invalid_argument");

    Execution execution;
    const auto cancelled =
        search_stream(store, Request("", Order::ascending, 0), execution, [&](const Entry&) {
            execution.cancel();
            return true;
        });
    CHECK(cancelled.error().code == Code::cancelled);
}

TEST_CASE("A client is found by its tag as well") {
    MemoryStore store;
    store.put("CFUTF8Type", "client-tags", "10.0.0.1", "web%20one");
    store.put("CFUTF8Type", "client-tags", "10.0.0.2", "\"db\"");
    store.add_line("10.0.0.1", "x", kNoon, "one");
    store.add_line("10.0.0.2", "x", kNoon, "two");
    CHECK(texts(page_of(store, Request("client:db")).entries) == "two");
    CHECK(texts(page_of(store, Request("client:\"web one\"")).entries) == "one");
    CHECK(texts(page_of(store, Request("client:10.0.0.1")).entries) == "one");
    CHECK(client_names(store)("10.0.0.2") == std::vector<std::string>{"db"});
    CHECK(client_names(store)("10.0.0.3").empty());
}
