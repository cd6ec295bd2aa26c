// A page of a segment: the fingerprints of its words, and the blocks of each (docs/index-format.md).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/postings/segment.h"

namespace nmstore::postings {

struct PageEntry {
    std::uint64_t fingerprint = 0;
    std::vector<std::uint32_t> places;  // rising, at least one
};

// The entries have rising fingerprints.
std::string write_page(const Segment& segment, const std::vector<PageEntry>& entries);

// Adds the places of that fingerprint to `places`, if it is there.
Result<void> find_in_page(const Segment& segment, std::string_view page, std::uint64_t fingerprint,
                          PlaceSet& places);

Result<std::vector<PageEntry>> parse_page(const Segment& segment, std::string_view page);

}  // namespace nmstore::postings
