// Alerts: a clock that was ahead, as that of a machine that has just been switched on, and is set right.
#include "tests/server/alert_case.h"

using namespace nmstore;
using nmstore::testing::AlertCase;

namespace {

using Texts = std::vector<std::string>;

constexpr std::int64_t kMonth = std::int64_t{30} * 86'400'000;

// The clock is set right, and the server may have been started again since.
void set_right(AlertCase& it) {
    const bool restarted = GENERATE(false, true);
    it.hub.clock.now -= kMonth;
    if (!restarted) return;
    it.restart();
}

}  // namespace

TEST_CASE("a rule for lines goes by the clock that has been set right") {
    AlertCase it;
    it.hub.clock.now += kMonth;
    it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"5s"})");
    it.lines("a", {"boom", "boom"});
    it.follow();
    it.pass(2'000);
    set_right(it);
    it.follow();
    // Never so many within the time.
    for (int i = 0; i < 4; ++i) {
        it.pass(7'000);
        it.lines("a", {"boom"});
        it.follow();
    }
    CHECK(it.written().empty());
    it.lines("a", {"boom", "boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing - 3"});
    it.pass(7'000);
    CHECK(it.written() == Texts{"r firing - 3", "r resolved - 0"});
}

TEST_CASE("what fires by a clock that was ahead is resolved once that is set right") {
    AlertCase it;
    it.hub.clock.now += kMonth;
    it.set("lines", R"({"kind":"lines","query":"boom","within":"5s"})");
    it.set("reading", R"({"kind":"reading","plugin":"df","field":"value","above":90})");
    it.lines("a", {"boom"});
    it.reading("a", "df", R"({"value":95})");
    it.lines("b", {"SEVERE: one"});
    it.follow();
    CHECK(it.alerts->firing().size() == 2);
    set_right(it);
    it.pass(1'000);
    it.reading("a", "df", R"({"value":10})");
    it.lines("b", {"SEVERE: one", "SEVERE: two"});
    it.follow();
    it.pass(6'000);
    CHECK(it.alerts->firing().empty());
    it.pass(60'000);
    CHECK(it.written() ==
          Texts{"reading resolved a 0", "severe firing b 1", "lines resolved - 0", "severe firing b 1"});
}

TEST_CASE("changes of the time when the clock was ahead are evaluated as of now") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"5s"})");
    it.hub.clock.now += kMonth;
    it.lines("a", {"boom"});
    it.lines("a", {"boom"});
    it.lines("a", {"boom"});
    it.hub.clock.now -= kMonth;
    it.follow();
    it.pass(7'000);
    CHECK(it.written() == Texts{"r firing - 3", "r resolved - 0"});
}

TEST_CASE("who is silent is found by the clock that has been set right") {
    AlertCase it;
    it.hub.clock.now += kMonth;
    it.set("s", R"({"kind":"silent","after":"5s"})");
    it.follow();
    it.lines("a", {"here"});
    it.follow();
    it.pass(1'000);
    set_right(it);
    it.follow();
    it.pass(4'000);
    CHECK(it.written().empty());
    it.pass(3'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    it.lines("a", {"here"});
    it.follow();
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
}
