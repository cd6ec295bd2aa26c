// The part of a verification that is about the word index: every word and range of every block that a segment
// covers is found in it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/core.h"

namespace nmstore {

// Told what is wrong with a segment, for a person.
using IndexProblem = std::function<void(std::uint64_t segment, std::string what)>;

// Blocks that are gone do not count, nor do those that cannot be read, which is another part's to tell. An
// Error only if the database cannot be read, or cancelled. Memory: as SegmentBuilder, and one block's words.
Result<void> verify_index(const Core& core, const SnapshotPtr& snapshot, const Progress& progress,
                          const IndexProblem& problem);

}  // namespace nmstore
