#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;
constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

std::string around(const Store& store, const LineId& id, std::size_t before, std::size_t after) {
    Execution execution;
    const auto entries = context(store, id, before, after, execution);
    if (!entries.ok()) return std::string(code_name(entries.error().code));
    std::string out;
    for (const Entry& entry : entries.value()) out += (out.empty() ? "" : " ") + entry.line;
    return out;
}

}  // namespace

TEST_CASE("The context of a line is of its log, across days") {
    MemoryStore store;
    std::vector<LineId> ids;
    for (int i = 0; i < 9; ++i) {
        ids.push_back(store.add_line("a", "/var/x", kNoon + (i / 3) * kDayMs, "l" + std::to_string(i)));
        store.add_line("b", "/var/x", kNoon + (i / 3) * kDayMs, "another client");
        store.add_line("a", "/var/y", kNoon + (i / 3) * kDayMs, "another log");
        store.add_line("a", "/var/x", kNoon + (i / 3) * kDayMs, "another kind", "", RowKind::plugins);
    }
    CHECK(around(store, ids[4], 0, 0) == "l4");
    CHECK(around(store, ids[4], 1, 1) == "l3 l4 l5");
    CHECK(around(store, ids[4], 3, 2) == "l1 l2 l3 l4 l5 l6");
    CHECK(around(store, ids[4], 100, 100) == "l0 l1 l2 l3 l4 l5 l6 l7 l8");
    CHECK(around(store, ids[0], 2, 1) == "l0 l1");
    CHECK(around(store, ids[8], 1, 2) == "l7 l8");
}

TEST_CASE("The context of what is not there, and of too much") {
    MemoryStore store;
    const LineId id = store.add_line("a", "x", kNoon, "l");
    LineId other = id;
    ++other.line;
    CHECK(around(store, other, 5, 5) == "not_found");
    other = id;
    other.row = 77;
    CHECK(around(store, other, 5, 5) == "not_found");
    CHECK(around(store, id, kMaxContextLines + 1, 0) == "invalid_argument");
    CHECK(around(store, id, 0, kMaxContextLines + 1) == "invalid_argument");
    Limits limits;
    limits.lines = 0;
    Execution execution(limits);
    CHECK(context(store, id, 1, 1, execution).error().code == Code::limit_exceeded);
}
