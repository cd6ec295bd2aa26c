// The ranges of numbers that blocks of a segment tell instead of posting each number (docs/index-format.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/postings/segment.h"

namespace nmstore::postings {

struct PlacedRange {
    std::uint32_t place = 0;
    std::uint64_t least = 0;
    std::uint64_t greatest = 0;
};

// By place and least; those of one place are apart from each other.
std::string write_ranges(const std::vector<PlacedRange>& ranges);
Result<std::vector<PlacedRange>> parse_ranges(const Segment& segment, std::string_view bytes);

}  // namespace nmstore::postings
