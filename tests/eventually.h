// Waiting for what another thread or process does.
#pragma once

#include <chrono>
#include <thread>

namespace nmstore::testing {

// Waits until `condition` holds; false if it never does. No test waits so long unless something is broken.
template <class Condition>
bool eventually(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace nmstore::testing
