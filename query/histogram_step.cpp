#include "query/histogram_step.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace nmstore::query {

namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

constexpr std::int64_t kRoundSteps[] = {1,
                                        2,
                                        5,
                                        10,
                                        20,
                                        50,
                                        100,
                                        200,
                                        500,
                                        kSecond,
                                        2 * kSecond,
                                        5 * kSecond,
                                        10 * kSecond,
                                        15 * kSecond,
                                        30 * kSecond,
                                        kMinute,
                                        2 * kMinute,
                                        5 * kMinute,
                                        10 * kMinute,
                                        15 * kMinute,
                                        30 * kMinute,
                                        kHour,
                                        2 * kHour,
                                        3 * kHour,
                                        6 * kHour,
                                        12 * kHour,
                                        kDay,
                                        2 * kDay,
                                        5 * kDay,
                                        10 * kDay,
                                        20 * kDay,
                                        50 * kDay,
                                        100 * kDay,
                                        200 * kDay,
                                        500 * kDay,
                                        1000 * kDay};

// Each divides the next.
constexpr std::int64_t kFineSteps[] = {kFinestStep, 10,           100,        kSecond,   10 * kSecond,
                                       kMinute,     10 * kMinute, kHour,      6 * kHour, kDay,
                                       10 * kDay,   100 * kDay,   1000 * kDay};

}  // namespace

std::int64_t round_step(std::int64_t span_ms, std::int64_t buckets) {
    for (const std::int64_t step : kRoundSteps)
        if (span_ms / step < buckets) return step;
    // Spans of centuries: whole thousands of days.
    constexpr std::int64_t kLast = 1000 * kDay;
    return (span_ms / buckets / kLast + 1) * kLast;
}

std::int64_t coarser_step(std::int64_t step_ms) {
    const auto at = std::upper_bound(std::begin(kFineSteps), std::end(kFineSteps), step_ms);
    return at == std::end(kFineSteps) ? 0 : *at;
}

std::int64_t bucket_start(std::int64_t time_ms, std::int64_t step_ms) {
    const std::int64_t rest = time_ms % step_ms;
    if (rest >= 0) return time_ms - rest;
    if (time_ms < std::numeric_limits<std::int64_t>::min() + step_ms) return time_ms - rest;
    return time_ms - rest - step_ms;
}

}  // namespace nmstore::query
