// The ids of a block's lines as bytes: what goes in even steps costs next to nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/block/stream.h"
#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

// How a run of numbers is written.
enum class Steps : std::uint8_t {  // the numbers are stored on disk
    differences = 1,
    changes = 2,    // of the differences
    from_grid = 3,  // how far each is off an even step
};

std::string encode_ids(const std::vector<LineKey>& ids);

// The times stand first: reading them stops there, so that `reader` may go on with the rest. Whether it could
// is told by reader.failed().
void decode_times(Reader& reader, std::size_t lines, std::vector<std::int64_t>& times);
void decode_rest_of_ids(Reader& reader, const std::vector<std::int64_t>& times, std::vector<LineKey>& ids);

// The ids of appended lines with sequences of their own, one behind the other from `first` on, in place of theirs. corruption: these are
// none, or not in order.
Result<std::string> renumber_ids(std::string_view ids, std::size_t lines, std::uint64_t first,
                                 std::vector<std::int64_t>& times);

}  // namespace nmstore::block
