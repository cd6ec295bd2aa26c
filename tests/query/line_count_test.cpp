#include <random>

#include "query/parse.h"
#include "query/row_pattern.h"
#include "query/search.h"
#include "tests/query/block_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::BlockStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;

}  // namespace

TEST_CASE("Lines are counted as a search finds them, in blocks and beside them") {
    BlockStore store;
    std::mt19937 random(5);
    for (int i = 0; i < 2000; ++i)
        store.add_line(i % 3 == 0 ? "a" : "b", "x", kNoon + i,
                       "line " + std::to_string(random() % 20) + " of i" + std::to_string(i));
    store.seal(random, 100, 7);
    const std::string row = "a:logs:x:2011:10:21";
    for (const std::string text :
         {"", "line", "7", "-7", "7 OR client:a", "i77", "/1[0-9] of/", "\"3 of\""}) {
        const auto query = parse(text);
        for (const std::string& only : {std::string(), row, std::string("a:logs:x:2011:10:2")}) {
            Scope scope{query->filter.get(), kNoon + 50, kNoon + 1700, "", only};
            std::uint64_t found = 0;
            Execution searching;
            REQUIRE(
                search_stream(store, {scope, Order::ascending, 0, ""}, searching, [&](const Entry& entry) {
                    CHECK((only.empty() || entry.client == "a"));
                    ++found;
                    return true;
                }).ok());
            Execution counting;
            INFO(text << " in " << only);
            CHECK(count_lines(store, scope, counting).value() == found);
            CHECK(counting.stats.lines_matched == found);
        }
    }
}

TEST_CASE("A count ends at a limit, and says so") {
    BlockStore store;
    for (int i = 0; i < 2000; ++i) store.add_line("a", "x", kNoon + i, "line");
    Limits limits;
    limits.lines = 100;
    Execution execution(limits);
    CHECK(count_lines(store, {}, execution).value() < 2000);
    CHECK(execution.stats.stopped_by == "query_max_lines");
}

TEST_CASE("Rows are chosen by key, or by where they come from") {
    BlockStore store;
    store.add_line("a", "/var/log/x", kNoon, "1");
    store.add_line("b", "/var/log/x", kNoon, "2");
    store.add_line("b", "cpu", kNoon - 86'400'000, "3", "", RowKind::plugins);
    const auto chosen = [&](const RowPattern& pattern) {
        std::string out;
        const std::vector<LogRow> rows = store.log_rows(select_rows(pattern).value()).value();
        for (const LogRow& row : rows) out += row.client + "/" + row.log + " ";
        return out;
    };
    RowPattern pattern;
    CHECK(chosen(pattern) == "a/_var_log_x b/_var_log_x b/cpu ");
    pattern.client = "b";
    CHECK(chosen(pattern) == "b/_var_log_x b/cpu ");
    pattern.log = "/var/*";
    CHECK(chosen(pattern) == "b/_var_log_x ");
    pattern = {};
    pattern.kind = "plugins";
    CHECK(chosen(pattern) == "b/cpu ");
    pattern.kind = "all";
    CHECK(select_rows(pattern).error().code == Code::invalid_argument);
    pattern = {};
    pattern.from_ms = 2;
    pattern.to_ms = 1;
    CHECK(select_rows(pattern).error().code == Code::invalid_argument);
}
