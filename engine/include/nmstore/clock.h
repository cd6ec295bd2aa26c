// The only way the engine learns the time: handed to it, so that tests own the clock.
#pragma once

#include <cstdint>

namespace nmstore {

class Clock {
  public:
    virtual ~Clock() = default;
    // Milliseconds since the Unix epoch. Called from any thread.
    virtual std::int64_t now_ms() const = 0;
    // Milliseconds that have passed since some moment, however the clock is set meanwhile. Not while the machine sleeps.
    virtual std::int64_t elapsed_ms() const { return now_ms(); }
};

// The machine's clock; lives as long as the process.
const Clock& system_clock();

}  // namespace nmstore
