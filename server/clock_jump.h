// Tells of a clock that was set ahead, or of a machine that slept: time has passed on the clock, and nobody
// here has lived through it.
#pragma once

#include <cstdint>
#include <utility>

#include "nmstore/clock.h"

namespace nmstore::server {

// One thread at a time.
class ClockJump {
  public:
    static constexpr std::int64_t kLeastMs = 60'000;  // less is no jump

    // The clock must outlive it.
    explicit ClockJump(const Clock& clock)
        : clock_(clock), now_ms_(clock.now_ms()), elapsed_ms_(clock.elapsed_ms()) {}

    // By how much it has jumped ahead since this was asked last; 0: not at all.
    std::int64_t take() {
        const std::int64_t now_ms = clock_.now_ms();
        const std::int64_t elapsed_ms = clock_.elapsed_ms();
        const std::int64_t shown_ms = now_ms - std::exchange(now_ms_, now_ms);
        const std::int64_t jump_ms = shown_ms - (elapsed_ms - std::exchange(elapsed_ms_, elapsed_ms));
        return jump_ms >= kLeastMs ? jump_ms : 0;
    }

  private:
    const Clock& clock_;
    std::int64_t now_ms_, elapsed_ms_;
};

}  // namespace nmstore::server
