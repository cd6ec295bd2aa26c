// Which steps a histogram may have, so that its buckets begin at times that people know.
#pragma once

#include <cstdint>

namespace nmstore::query {

inline constexpr std::int64_t kAboutBuckets = 100;

// The smallest round step (1, 2, 5, 10 … ms, s, m, h, days) that needs at most `buckets` for the span.
std::int64_t round_step(std::int64_t span_ms, std::int64_t buckets = kAboutBuckets);

// Steps to count in while the span is not known yet: every round step is a multiple of each fine one that is
// a good deal smaller. The next coarser than `step_ms`; 0: there is none.
std::int64_t coarser_step(std::int64_t step_ms);
inline constexpr std::int64_t kFinestStep = 1;

// The greatest multiple of `step_ms` that is not greater than `time_ms`; also before 1970. INT64_MIN and near
// it: the smallest multiple.
std::int64_t bucket_start(std::int64_t time_ms, std::int64_t step_ms);

}  // namespace nmstore::query
