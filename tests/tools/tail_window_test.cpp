#include "tools/tail_window.h"

#include "tests/catch.h"

namespace nmstore::tools {

TEST_CASE("a line is taken once, also when it comes late") {
    TailWindow window(1000);
    CHECK(window.empty());
    CHECK(window.from_ms(10) == INT64_MIN);
    CHECK(window.take(5000, "a"));
    CHECK_FALSE(window.take(5000, "a"));
    CHECK(window.take(4500, "late"));
    CHECK(window.from_ms(100) == 4900);
    CHECK(window.from_ms(100000) == 4000);
    CHECK(window.take(6000, "b"));
    window.prune();
    CHECK(window.size() == 2);  // "late" is older than what is looked at
    CHECK_FALSE(window.take(5000, "a"));
    CHECK(window.take(4500, "late"));
}

}  // namespace nmstore::tools
