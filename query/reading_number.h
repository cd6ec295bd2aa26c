// The number that a reading is, kept as the decimal that was written, so that sums are exact.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nmstore::query {

inline constexpr int kMaxReadingDigits = 18;  // of a decimal; what has more is kept as a double
inline constexpr int kMaxReadingScale = 9;

struct Reading {
    // digits / 10^scale where `decimal`; else `rounded`.
    std::int64_t digits = 0;
    int scale = 0;  // 0 to kMaxReadingScale
    bool decimal = true;
    double rounded = 0;

    double value() const;
};

// digits / 10^scale, rounded once; -0 is 0.
double decimal_value(std::int64_t digits, int scale);
std::int64_t power_of_ten(int exponent);  // 0 to kMaxReadingDigits

// A decimal number as people and programs write them: a sign, digits, a fraction, an exponent: 5, -0.50,
// +.5, 7., 007, 1e-3. nullopt for anything else, blanks included, and for what is too great for a double.
std::optional<Reading> parse_reading(std::string_view text);

}  // namespace nmstore::query
