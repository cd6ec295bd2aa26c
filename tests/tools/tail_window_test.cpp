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

TEST_CASE("with too many lines the window is shorter, and still nothing comes twice") {
    TailWindow window(1000, 3);
    for (int i = 0; i < 10; ++i) CHECK(window.take(5000 + i, "line " + std::to_string(i)));
    CHECK(window.size() == 3);
    CHECK(window.from_ms(1000) == 5007);
    for (int i = 0; i < 10; ++i) CHECK_FALSE(window.take(5000 + i, "line " + std::to_string(i)));
}

}  // namespace nmstore::tools
