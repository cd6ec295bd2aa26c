// Locks of rows, striped: few enough that a batch of many rows can take them all, in order, without harm.
// Held while a built batch is completed and applied, never while waiting for the disk.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <mutex>
#include <vector>

#include "nmstore/line.h"

namespace nmstore {

class RowLocks {
  public:
    // One batch may hold all stripes at once, and sanitizers know no more than 64 locks of one thread.
    static constexpr std::size_t kStripes = 32;
    using Stripes = std::bitset<kStripes>;

    static std::size_t stripe_of(RowId row) { return static_cast<std::size_t>(row % kStripes); }

    // Locks all the stripes; unlocked when the result goes.
    [[nodiscard]] std::vector<std::unique_lock<std::mutex>> lock(const Stripes& stripes) {
        std::vector<std::unique_lock<std::mutex>> held;
        held.reserve(stripes.count());
        for (std::size_t i = 0; i < kStripes; ++i) {
            if (stripes.test(i)) held.emplace_back(mutexes_[i]);
        }
        return held;
    }

  private:
    std::array<std::mutex, kStripes> mutexes_;
};

}  // namespace nmstore
