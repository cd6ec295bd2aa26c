#include "engine/line_cursor.h"

#include <algorithm>

#include "nmstore/escape.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

const std::string kDay = "c:logs:l:2011:5:22";
constexpr std::int64_t kMorning = 1'308'700'800'000;
using Texts = std::vector<std::string>;

class Log {
  public:
    void post(std::int64_t at, const std::string& returned, std::int64_t ttl = 0) {
        store.put("CFLongType", kDay, std::to_string(kMorning + at),
                  escape("{\"date\":1,\"returned\":\"" + returned + "\"}"), ttl);
    }
    void append(std::int64_t at, const std::string& text) { store.append("c", "l", kMorning + at, text); }
    // Checks that backwards is the reverse of forwards.
    Texts read(std::int64_t from = 0, std::int64_t to = 1000) {
        LineRange range{kMorning + from, kMorning + to, Order::ascending, std::nullopt};
        const LogRow row = must(store->log_rows({})).at(0);
        const Texts forward = store.lines(row, range);
        range.order = Order::descending;
        Texts backward = store.lines(row, range);
        std::reverse(backward.begin(), backward.end());
        CHECK(backward == forward);
        return forward;
    }

    OpenedStore store;
};

}  // namespace

TEST_CASE("half lines go on in the next cell, and belong where they begin") {
    Log log;
    log.post(1, "one\\ntw");
    log.post(2, "o");
    log.append(3, "between");
    log.post(4, "");
    log.post(5, "!\\nthree\\n");
    log.post(6, "four");
    CHECK(log.read() == Texts{"one", "two!", "between", "three", "four"});
    CHECK(log.read(2) == Texts{"between", "three", "four"});
    CHECK(log.read(0, 2) == Texts{"one", "two!"});
    CHECK(log.read(5, 6) == Texts{"three"});
    log.post(7, "\\n");
    CHECK(log.read(6) == Texts{"four"});
}

TEST_CASE("a half line whose rest has expired or is removed goes on with what is left") {
    Log log;
    log.post(1, "a");
    log.post(2, "b\\nx\\n", 60);
    log.post(3, "c\\n");
    CHECK(log.read() == Texts{"ab", "x", "c"});
    log.store.clock.advance(60'000);
    CHECK(log.read() == Texts{"ac"});
    must(log.store->remove_cell("CFLongType", kDay, std::to_string(kMorning + 1)));
    CHECK(log.read() == Texts{"c"});
}

TEST_CASE("values that never bring a newline are a line each") {
    for (const int cells : {1, 2, 3, 15, 16, 17, 18, 40}) {
        INFO(cells << " cells");
        Log log;
        Texts expected;
        for (int i = 0; i < cells; ++i) {
            log.post(i * 10, "entry" + std::to_string(i));
            expected.push_back("entry" + std::to_string(i));
        }
        CHECK(log.read() == expected);
        CHECK(log.read(50) == Texts(expected.begin() + std::min(5, cells), expected.end()));

        // A newline at last: what is near enough before it was the beginning of its line.
        log.post(900, "end\\nnext");
        Texts joined;
        std::string line;
        for (int i = 0; i < cells; ++i) {
            if (cells - i > static_cast<int>(kMaxJoinedCells)) {
                joined.push_back(expected[static_cast<std::size_t>(i)]);
            } else {
                line += expected[static_cast<std::size_t>(i)];
            }
        }
        joined.push_back(line + "end");
        joined.push_back("next");
        CHECK(log.read() == joined);
    }
}

TEST_CASE("half lines and whole ones without newlines between lines of all kinds") {
    Log log;
    log.post(1, "a\\nhal");
    for (int i = 2; i < 40; ++i) log.post(i, "v" + std::to_string(i));
    log.append(20, "appended");
    log.post(40, "f\\n");
    log.post(41, "b");
    Texts expected{"a", "hal"};
    std::string line;
    for (int i = 2; i < 40; ++i) {
        if (i < 24) expected.push_back("v" + std::to_string(i));
        if (i >= 24) line += "v" + std::to_string(i);
        if (i == 20) expected.push_back("appended");
    }
    expected.push_back(line + "f");
    expected.push_back("b");
    CHECK(log.read() == expected);
    for (int from = 0; from < 42; ++from) log.read(from, from + 5);
}

TEST_CASE("a line that never ends is cut, and what follows its cells is found") {
    Log log;
    const std::string part(300'000, 'x');
    for (int i = 0; i < 5; ++i) log.post(i, part);
    log.post(5, "end\\nnext\\n");
    const Texts lines = log.read();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].size() == kMaxLineBytes);
    CHECK(lines[0].ends_with(kCutMark));
    CHECK(lines[1] == "next");
}

TEST_CASE("a cut never divides a character") {
    for (std::size_t before = 0; before < 4; ++before) {
        Log log;
        std::string text(before, 'x');
        while (text.size() <= kMaxLineBytes) text += "€";
        log.append(1, text);
        const std::string line = log.read().at(0);
        CHECK(line.size() <= kMaxLineBytes);
        CHECK(line.size() > kMaxLineBytes - 3);
        CHECK(is_valid_utf8(line));
        CHECK(line.ends_with(kCutMark));
        CHECK(log.store->stats().lines_cut == 1);
    }
}

TEST_CASE("a cursor goes on strictly behind any line, also behind those of other rows") {
    Log log;
    log.post(1, "a\\nb\\nc\\n");
    log.append(1, "d");
    log.append(1, "e");
    log.append(2, "f");
    const LogRow row = must(log.store->log_rows({})).at(0);
    const Texts all{"a", "b", "c", "d", "e", "f"};
    std::vector<LineId> ids;
    LineRange range;
    range.order = Order::ascending;
    const auto cursor = must(log.store->lines(row, range));
    while (must(cursor->next())) ids.push_back(cursor->line().id);
    REQUIRE(ids.size() == all.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        range.after = ids[i];
        range.order = Order::ascending;
        CHECK(log.store.lines(row, range) == Texts(all.begin() + at + 1, all.end()));
        range.order = Order::descending;
        Texts before(all.begin(), all.begin() + at);
        std::reverse(before.begin(), before.end());
        CHECK(log.store.lines(row, range) == before);
    }
    // Rows with a smaller id come first within a millisecond.
    range.after = LineId{kMorning + 1, row.id - 1, 99, 0};
    range.order = Order::ascending;
    CHECK(log.store.lines(row, range) == all);
    range.order = Order::descending;
    CHECK(log.store.lines(row, range).empty());
    range.after = LineId{kMorning + 1, row.id + 1, 0, 0};
    CHECK(log.store.lines(row, range) == Texts{"e", "d", "c", "b", "a"});
    range.order = Order::ascending;
    CHECK(log.store.lines(row, range) == Texts{"f"});
}

TEST_CASE("a cursor sees one moment") {
    Log log;
    log.post(1, "a\\nb");
    const LogRow row = must(log.store->log_rows({})).at(0);
    const auto snapshot = log.store->snapshot();
    log.post(2, "c\\nd\\n");
    LineRange range;
    range.order = Order::ascending;
    const auto cursor = must(log.store->lines(row, range, snapshot));
    Texts texts;
    while (must(cursor->next())) texts.emplace_back(cursor->line().text);
    CHECK(texts == Texts{"a", "b"});
    CHECK(log.read() == Texts{"a", "bc", "d"});
}

TEST_CASE("cells of plugins and alerts are a line each") {
    OpenedStore store;
    store.put("CFLongType", "c:plugins:cpu:2011:5:22", std::to_string(kMorning), "%7B%22value%22%3A1%7D");
    store.put("CFLongType", "alerts:2011:5:22", std::to_string(kMorning), "%257B%2522a%2522%253A1%257D");
    for (const LogRow& row : must(store->log_rows({}))) {
        const bool plugin = row.kind == RowKind::plugins;
        CHECK(store.lines(row, {}) == Texts{plugin ? "{\"value\":1}" : "{\"a\":1}"});
    }
}
