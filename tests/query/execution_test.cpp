#include "query/execution.h"

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("a query ends at its limits, and says which") {
    Execution fresh;
    CHECK(fresh.go_on());
    CHECK(fresh.stats.stopped_by.empty());

    Limits few_lines;
    few_lines.lines = 10;
    Execution lines(few_lines);
    lines.stats.lines_scanned = 9;
    CHECK(lines.go_on());
    lines.stats.lines_scanned = 10;
    CHECK(!lines.go_on());
    CHECK(lines.stats.stopped_by == "query_max_lines");

    Limits no_time;
    no_time.time = std::chrono::milliseconds(0);
    Execution time(no_time);
    CHECK(!time.go_on());
    CHECK(time.stats.stopped_by == "query_timeout");
    CHECK(!time.go_on());

    Limits little_memory;
    little_memory.memory_bytes = 100;
    Execution memory(little_memory);
    CHECK(memory.hold(100));
    CHECK(!memory.hold(1));
    CHECK(memory.stats.stopped_by == "query_max_memory");
    CHECK(!memory.go_on());
}

TEST_CASE("a query ends when its reader goes away") {
    Execution cancelled;
    cancelled.cancel();
    CHECK(!cancelled.go_on());
    CHECK(cancelled.cancelled());
    CHECK(cancelled.stats.stopped_by.empty());

    Execution left;
    left.gone = [] { return true; };
    CHECK(!left.go_on());
    CHECK(left.cancelled());
}
