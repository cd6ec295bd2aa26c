#include "query/histogram_step.h"

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("Round steps make about a hundred buckets") {
    constexpr std::int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
    const std::int64_t spans_and_steps[][2] = {{0, 1},
                                               {99, 1},
                                               {100, 2},
                                               {150, 2},
                                               {kSecond, 20},
                                               {kMinute, kSecond},
                                               {15 * kMinute, 10 * kSecond},
                                               {kHour, kMinute},
                                               {6 * kHour, 5 * kMinute},
                                               {kDay, 15 * kMinute},
                                               {7 * kDay, 2 * kHour},
                                               {30 * kDay, 12 * kHour},
                                               {365 * kDay, 5 * kDay},
                                               {100 * 365 * kDay, 500 * kDay}};
    for (const auto& [span, step] : spans_and_steps) {
        CAPTURE(span);
        CHECK(round_step(span) == step);
    }
    CHECK(INT64_MAX / round_step(INT64_MAX) <= kAboutBuckets);
}

TEST_CASE("What is counted in fine steps fits into round ones") {
    for (std::int64_t fine = kFinestStep; fine != 0; fine = coarser_step(fine)) {
        if (coarser_step(fine) != 0) CHECK(coarser_step(fine) % fine == 0);
        // The step is made coarser once the span is 100 times as many fine steps as there are buckets.
        for (std::int64_t span = fine * 100 * kAboutBuckets / 10; span / fine <= 100 * kAboutBuckets;
             span += span / 7)
            CHECK(round_step(span) % fine == 0);
    }
    CHECK(coarser_step(7) == 10);
    CHECK(coarser_step(INT64_MAX) == 0);
}

TEST_CASE("Buckets begin at multiples, before 1970 too") {
    CHECK(bucket_start(0, 10) == 0);
    CHECK(bucket_start(9, 10) == 0);
    CHECK(bucket_start(10, 10) == 10);
    CHECK(bucket_start(-1, 10) == -10);
    CHECK(bucket_start(-10, 10) == -10);
    CHECK(bucket_start(INT64_MIN, 10) % 10 == 0);
    CHECK(bucket_start(INT64_MAX, 10) <= INT64_MAX);
}
