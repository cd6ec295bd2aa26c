// Numbers of byte planes: taken apart, and what is told of them without that. Sixteen at a time where the
// machine can.
#pragma once

#include <cstdint>
#include <vector>

#include "nmstore/block_column.h"

namespace nmstore::block {

struct PackedFacts {
    std::size_t zeros = 0;
    std::uint32_t greatest = 0;
};
// `packed.width`: 4 at most.
PackedFacts look_at(const PackedNumbers& packed);

// Replaces `numbers`, which has the size that they need.
void unpack(const PackedNumbers& packed, std::vector<std::uint32_t>& numbers);
void unpack(const PackedNumbers& packed, std::vector<std::uint64_t>& numbers);

}  // namespace nmstore::block
