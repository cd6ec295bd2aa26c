// What the readings of one step come to. Sums of decimals are exact, so that it does not matter in which
// order readings come, or who adds up which of them.
#pragma once

#include <cstdint>
#include <span>

#include "query/reading_number.h"

namespace nmstore::query {

__extension__ typedef __int128 Int128;

class ReadingTotal {
  public:
    void add(const Reading& reading);
    // Each is digits / 10^scale.
    void add_decimals(std::span<const std::int64_t> digits, int scale);
    void add_repeated(const Reading& reading, std::uint64_t times);
    void add(const ReadingTotal& other);

    std::uint64_t count() const { return count_; }
    // Of at least one reading.
    double min() const { return min_; }
    double max() const { return max_; }
    double mean() const;

  private:
    void add_sum(Int128 digits, int scale);
    void add_rounded(double value);
    void see(double least, double greatest);

    std::uint64_t count_ = 0;
    double min_ = 0, max_ = 0;
    Int128 digits_ = 0;  // the sum of the decimals is digits_ / 10^scale_
    int scale_ = 0;
    // The sum of the others and what its rounding lost (A. Neumaier, 1974).
    double rounded_ = 0, lost_ = 0;
};

}  // namespace nmstore::query
