// Where a sender begins, and when it tries again.
#include "server/replication_start.h"

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;
using Kind = ReplicationStart::Kind;
using std::chrono::milliseconds;

TEST_CASE("a target that has a position is gone on with, if the journal reaches back to it",
          "[replication]") {
    const JournalRange journal{100, 200, 0};
    const auto middle = replication_start(150, journal, false);
    CHECK(middle.kind == Kind::go_on);
    CHECK(middle.from == 150);
    CHECK(replication_start(100, journal, false).kind == Kind::go_on);
    CHECK(replication_start(200, journal, false).kind == Kind::go_on);
    const auto late = replication_start(99, journal, true);
    CHECK(late.kind == Kind::needs_copy);
    CHECK(late.why.find("no longer in the journal") != std::string::npos);
    const auto ahead = replication_start(201, journal, true);
    CHECK(ahead.kind == Kind::needs_copy);
    CHECK(ahead.why.find("does not have") != std::string::npos);
    // All has been forgotten, and nothing was written since the store was opened.
    CHECK(replication_start(150, {150, 20, 0}, false).kind == Kind::go_on);
}

TEST_CASE("a new target gets all, if the journal tells all, and else what comes", "[replication]") {
    const auto all = replication_start(std::nullopt, {0, 200, 0}, true);
    CHECK(all.kind == Kind::begin);
    CHECK(all.from == 0);
    CHECK(all.copied);
    const auto rest = replication_start(std::nullopt, {100, 200, 0}, false);
    CHECK(rest.kind == Kind::begin);
    CHECK(rest.from == 200);
    CHECK_FALSE(rest.copied);
}

TEST_CASE("pauses double up to a limit, with chance, and begin anew after a success", "[replication]") {
    double chance = 0;
    ReplicationBackoff backoff([&chance] { return chance; });
    CHECK(backoff.next(false, std::nullopt) == milliseconds(200));
    CHECK(backoff.next(false, std::nullopt) == milliseconds(400));
    chance = 1;
    CHECK(backoff.next(false, std::nullopt) == milliseconds(400));  // half of 800
    chance = 0;
    for (int i = 0; i < 10; ++i) (void)backoff.next(false, std::nullopt);
    CHECK(backoff.next(false, std::nullopt) == kLongestReplicationPause);
    backoff.reset();
    CHECK(backoff.next(false, std::nullopt) == milliseconds(200));
    backoff.reset();
    CHECK(backoff.next(true, std::nullopt) == kFirstRefusedPause);
    CHECK(backoff.next(true, std::nullopt) == milliseconds(2000));
}

TEST_CASE("what a target asks for is the least pause", "[replication]") {
    ReplicationBackoff backoff([] { return 0.0; });
    CHECK(backoff.next(false, milliseconds(5000)) == milliseconds(5000));
    CHECK(backoff.next(false, milliseconds(1)) == milliseconds(400));
}
