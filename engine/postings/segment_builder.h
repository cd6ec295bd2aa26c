// Gathers the words of blocks and makes a segment of them (docs/index-format.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/word_filter.h"
#include "engine/postings/ranges.h"
#include "engine/postings/segment.h"

namespace nmstore::postings {

inline constexpr std::uint32_t kMaxWidth = 18;  // of a range of numbers

// Holds eight bytes for each posting: at most 32 MiB for kMaxPostings. One thread at a time.
class SegmentBuilder {
  public:
    bool empty() const { return blocks_.empty(); }
    // Whether a block with so many words goes into the same segment. The first always does.
    bool has_room(std::size_t words) const {
        return empty() || (blocks_.size() < kMaxBlocks && postings_.size() + words <= kMaxPostings);
    }
    // Blocks come in rising order, and while there is room.
    void add(const SegmentBlock& block, const block::WordKeys& words);

    // Hands out all values but the head, each once; the builder is empty then.
    using Put = std::function<Result<void>(std::string_view key, std::string_view value)>;
    Result<Segment> finish(const Put& put);

  private:
    Result<void> put_pages(const Segment& segment, const Put& put) const;

    std::vector<SegmentBlock> blocks_;
    std::vector<std::uint64_t> postings_;  // a key, with the place of the block in its lowest bits
    std::array<std::vector<PlacedRange>, kMaxWidth + 1> ranges_;
};

}  // namespace nmstore::postings
