#include "server/replication_times.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("a commit was made within the moments that are known around it", "[replication]") {
    JournalTimes times;
    CHECK(times.committed_ms(5, 900, 1000) == 900);
    CHECK(times.committed_ms(5, 7'000'000, 1000) == 1000);  // its stamp is ahead
    times.note(10, 10'000);
    times.note(10, 12'000);
    times.note(20, 13'000);
    CHECK(times.committed_ms(5, 9'000, 50'000) == 9'000);
    CHECK(times.committed_ms(5, 11'000, 50'000) == 10'000);
    CHECK(times.committed_ms(10, 12'500, 50'000) == 12'500);
    CHECK(times.committed_ms(10, 1'000, 50'000) == 12'000);  // its origin's clock is behind
    CHECK(times.committed_ms(19, 7'000'000, 50'000) == 13'000);
    CHECK(times.committed_ms(20, 1'000, 50'000) == 13'000);
    CHECK(times.committed_ms(20, 7'000'000, 50'000) == 50'000);
    times.note(30, 11'000);  // the clock was set back
    CHECK(times.committed_ms(25, 7'000'000, 50'000) == 11'000);
}

TEST_CASE("of many moments some are kept, of all times", "[replication]") {
    JournalTimes times;
    for (std::int64_t i = 1; i <= 10'000; ++i) times.note(static_cast<nmstore::ChangeNumber>(i), i * 1000);
    for (const std::int64_t number : {1000, 9000, 9990}) {
        const std::int64_t made_ms =
            times.committed_ms(static_cast<nmstore::ChangeNumber>(number), INT64_MAX, 20'000'000);
        CHECK(made_ms > number * 1000);
        CHECK(made_ms < 20'000'000);
    }
    // The newer, the nearer.
    CHECK(times.committed_ms(9990, INT64_MAX, 20'000'000) < 9990 * 1000 + 600'000);
}
