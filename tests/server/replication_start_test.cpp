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
    const auto middle = replication_start(150, journal, true, false);
    CHECK(middle.kind == Kind::go_on);
    CHECK(middle.from == 150);
    CHECK(replication_start(200, journal, true, false).kind == Kind::go_on);
    const auto late = replication_start(99, journal, false, true);
    CHECK(late.kind == Kind::needs_copy);
    CHECK(late.why == "what the target has not read is no longer in the journal (--replicate-keep, or a start without a journal)");
    CHECK(
        replication_start(99, {100, 200, 0, 5}, false, true).why ==
        "what the target has not read is no longer in the journal (the disk was nearly full: 5 bytes of the "
        "journal were let go)");
    const auto ahead = replication_start(201, journal, false, true);
    CHECK(ahead.kind == Kind::needs_copy);
    CHECK(ahead.why.find("does not have") != std::string::npos);
    // Where it begins the record before is forgotten.
    CHECK(replication_start(100, journal, false, false).kind == Kind::go_on);
    CHECK(replication_start(150, {150, 150, 0}, false, false).kind == Kind::go_on);
}

TEST_CASE("a target that knows of what was lost here needs a full copy, also if more was written since",
          "[replication]") {
    const auto start = replication_start(150, {100, 200, 0}, false, false);
    CHECK(start.kind == Kind::needs_copy);
    CHECK(start.why.find("lost the end of its log") != std::string::npos);
}

TEST_CASE("a new target gets all, if the journal tells all, and else what comes", "[replication]") {
    const auto all = replication_start(std::nullopt, {0, 200, 0}, false, true);
    CHECK(all.kind == Kind::begin);
    CHECK(all.from == 0);
    CHECK(all.copied);
    const auto rest = replication_start(std::nullopt, {100, 200, 0}, false, false);
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
