#include "engine/postings/segment_builder.h"

#include <algorithm>
#include <utility>

#include "engine/key.h"
#include "engine/postings/page.h"

namespace nmstore::postings {
namespace {

constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << kPlaceBits) - 1;
static_assert(kMaxBlocks == kPlaceMask + 1);

}  // namespace

void SegmentBuilder::add(const SegmentBlock& block, const block::WordKeys& words) {
    NM_CHECK(empty() || blocks_.back() < block);
    NM_CHECK(has_room(words.hashes.size()));
    const std::size_t place = blocks_.size();
    blocks_.push_back(block);
    for (const std::uint64_t hash : words.hashes) postings_.push_back(posting_key(hash) | place);
    for (const block::NumberRange& range : words.ranges) {
        NM_CHECK(range.width <= kMaxWidth);
        ranges_[range.width].push_back({static_cast<std::uint32_t>(place), range.least, range.greatest});
    }
}

Result<Segment> SegmentBuilder::finish(const Put& put) {
    std::sort(postings_.begin(), postings_.end());
    postings_.erase(std::unique(postings_.begin(), postings_.end()), postings_.end());
    std::size_t keys = 0;
    for (std::size_t i = 0; i < postings_.size(); ++i)
        keys += i == 0 || (postings_[i] ^ postings_[i - 1]) > kPlaceMask ? 1 : 0;
    Segment segment;
    segment.blocks = std::exchange(blocks_, {});
    segment.postings = postings_.size();
    segment.size_for(keys);
    NM_TRY(put_pages(segment, put));
    postings_.clear();
    for (std::uint32_t width = 0; width <= kMaxWidth; ++width) {
        const std::vector<PlacedRange> ranges = std::exchange(ranges_[width], {});
        if (!ranges.empty()) NM_TRY(put(key::segment_ranges(width), write_ranges(ranges)));
    }
    return segment;
}

Result<void> SegmentBuilder::put_pages(const Segment& segment, const Put& put) const {
    std::size_t at = 0;
    for (std::size_t page = 0; page < segment.pages; ++page) {
        std::vector<PageEntry> entries;
        for (; at < postings_.size(); ++at) {
            const std::uint64_t key = postings_[at] & ~kPlaceMask;
            const auto place = static_cast<std::uint32_t>(postings_[at] & kPlaceMask);
            if (segment.page_of(key) != page) break;
            const std::uint64_t fingerprint = segment.fingerprint_of(key);
            if (entries.empty() || entries.back().fingerprint != fingerprint)
                entries.push_back({fingerprint, {}});
            entries.back().places.push_back(place);
        }
        for (PageEntry& entry : entries) {  // of several words
            std::sort(entry.places.begin(), entry.places.end());
            entry.places.erase(std::unique(entry.places.begin(), entry.places.end()), entry.places.end());
        }
        NM_TRY(put(key::segment_page(page), write_page(segment, entries)));
    }
    NM_CHECK(at == postings_.size());
    return {};
}

}  // namespace nmstore::postings
