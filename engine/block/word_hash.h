// The key of a word in the filter of a block (docs/block-format.md).
#pragma once

#include <cstdint>
#include <string_view>

namespace nmstore::block {

// `word`: in any case.
std::uint64_t word_hash(std::string_view word);

}  // namespace nmstore::block
