// Makes the word index of what blocks at rest hold, those that are not merged any more but by compaction: new segments for those that no segment covers, and for
// those of segments that are half dead or small beside them.
#pragma once

#include <functional>

#include "engine/core.h"

namespace nmstore {

enum class IndexWhen : std::uint8_t {
    worth_it,  // once there are enough blocks that are not covered
    now,       // however few they are
    anew,      // everything, whatever there is
};

struct Indexed {
    std::uint64_t blocks = 0;  // that new segments cover
    std::uint64_t segments = 0;
    std::uint64_t replaced = 0;    // segments that went
    std::uint64_t unreadable = 0;  // blocks that are damaged, and so not covered
};

// Blocks at rest that are enough for IndexWhen::worth_it.
inline constexpr std::size_t kLeastIndexed = 64;

// From a snapshot and outside of all locks; one at a time. What it holds is bounded by SegmentBuilder and
// one block's words, and some 50 bytes for each block at rest. Each segment is written in steps, its head
// last; stopped or killed at any moment, what is finished stays, and the next goes on. cancelled: `progress`
// said so.
Result<Indexed> index_blocks(Core& core, IndexWhen when, const Progress& progress);

// Removes what a crash left of segments.
Result<void> remove_unfinished_segments(Core& core);

}  // namespace nmstore
