// The words of a block that is there already, from what it holds: for its filter made anew, and for the word
// index.
#pragma once

#include "engine/block/word_filter.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

// The same that the writer of the block gathered. The reader's directory must have been read.
Result<WordGatherer> gather_words(BlockReader& reader);

}  // namespace nmstore::block
