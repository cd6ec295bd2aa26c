// Comparing what stands in lines: as numbers where both are numbers, else as text.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nmstore::query {

struct Number {
    double value = 0;
    std::optional<std::int64_t> whole;  // exact, where a double may not be
};

// A decimal number as JSON or a program writes it: 5, -0.5, .5, 1e6. No blanks, no inf, no nan.
std::optional<Number> read_number(std::string_view text);
std::partial_ordering compare(const Number& a, const Number& b);

}  // namespace nmstore::query
