// Digits that are looked for in numbers, without making text of these: whether the number as it stands in a
// line has them, begins or ends with them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/block_column.h"

namespace nmstore::query {

class DigitNeedle {
  public:
    // `digits`: only such, not empty.
    DigitNeedle(std::string_view digits, bool from_start, bool to_end);

    // false: no number of the range has them.
    bool may_be_in(const block::NumberRange& range) const;
    // Appends the places of those numbers that have them, in order. `width`: as in NumberRange.
    void find(std::span<const std::uint64_t> numbers, std::uint32_t width,
              std::vector<std::uint32_t>& places) const;

  private:
    // By the digits of the sought text that have been met so far, from its last one on: how many they are
    // behind a number's next two digits, or its next one. Small: a query may have thousands of these.
    static constexpr std::size_t kStep = 100;
    using Steps = std::vector<std::uint8_t>;

    bool may_begin_at(const block::NumberRange& range, std::size_t place) const;
    Steps make_steps(int digits) const;
    bool is_in(std::uint64_t number, std::uint32_t width) const;
    bool ends(std::uint64_t number, std::uint32_t width) const;
    bool begins(std::uint64_t number, std::uint32_t width) const;
    bool is(std::uint64_t number, std::uint32_t width) const;

    std::string digits_;
    bool from_start_, to_end_;
    bool zero_first_;           // begins with 0
    std::uint64_t number_ = 0;  // of digits_, where a column's number can have so many
    Steps by_one_, by_two_;
};

}  // namespace nmstore::query
