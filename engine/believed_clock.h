// What age is counted by: the clock, but one that was set far ahead, as that of a machine that has just been
// switched on may be for a moment, is believed after an hour only. Until then time goes on from where it was.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "nmstore/clock.h"

namespace nmstore {

// One thread at a time.
class BelievedClock {
  public:
    static constexpr std::int64_t kAheadMs = 60'000;
    static constexpr std::int64_t kBelievedAfterMs = std::int64_t{3600} * 1000;

    // The clock must outlive it.
    explicit BelievedClock(const Clock& clock)
        : clock_(clock), now_ms_(clock.now_ms()), elapsed_ms_(clock.elapsed_ms()) {}

    void start_at(std::int64_t now_ms) { now_ms_ = now_ms; }  // it was so late by all that is known

    std::int64_t now_ms() {
        const std::int64_t shown_ms = clock_.now_ms();
        const std::int64_t elapsed_ms = clock_.elapsed_ms();
        now_ms_ += elapsed_ms - std::exchange(elapsed_ms_, elapsed_ms);
        if (shown_ms <= now_ms_ + kAheadMs) {
            ahead_since_ms_.reset();
        } else if (!ahead_since_ms_) {
            ahead_since_ms_ = elapsed_ms;
        }
        if (!ahead_since_ms_ || elapsed_ms - *ahead_since_ms_ >= kBelievedAfterMs) now_ms_ = shown_ms;
        return now_ms_;
    }

  private:
    const Clock& clock_;
    std::int64_t now_ms_, elapsed_ms_;
    std::optional<std::int64_t> ahead_since_ms_;
};

}  // namespace nmstore
