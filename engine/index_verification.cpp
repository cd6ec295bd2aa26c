#include "engine/index_verification.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "engine/block/word_gathering.h"
#include "engine/key.h"
#include "engine/postings/page.h"
#include "engine/postings/segment_builder.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << postings::kPlaceBits) - 1;

// What must be found in one segment, and whether it is.
class SegmentCheck {
  public:
    SegmentCheck(const Core& core, const SnapshotPtr& snapshot, std::uint64_t number,
                 const postings::Segment& segment)
        : core_(core), snapshot_(snapshot), partition_(key::segment(number)), segment_(segment) {}

    // corruption: what is wrong.
    Result<void> run(const std::function<Result<void>()>& go_on) {
        for (std::size_t place = 0; place < segment_.blocks.size(); ++place) {
            NM_TRY(go_on());
            const Result<void> read = read_block(place);
            if (!read.ok() && read.error().code != Code::corruption) return read;
        }
        std::sort(postings_.begin(), postings_.end());
        for (std::size_t page = 0; page < segment_.pages; ++page) NM_TRY(check_page(page));
        for (std::uint32_t width = 0; width <= postings::kMaxWidth; ++width) NM_TRY(check_ranges(width));
        return {};
    }

  private:
    Result<void> read_block(std::size_t place) {
        const postings::SegmentBlock& at = segment_.blocks[place];
        NM_ASSIGN(const auto block, find_block(core_, at.row, at.number, snapshot_));
        if (!block) return {};  // merged, rewritten or dropped since
        const auto reader = open_stored_block(core_, *block, snapshot_);
        NM_TRY(reader->read_directory());
        NM_ASSIGN(block::WordGatherer gathered, block::gather_words(*reader));
        const block::WordKeys words = gathered.take_keys();
        for (const std::uint64_t hash : words.hashes)
            postings_.push_back(postings::posting_key(hash) | place);
        for (const block::NumberRange& range : words.ranges)
            ranges_[range.width].push_back({static_cast<std::uint32_t>(place), range.least, range.greatest});
        return {};
    }

    Result<void> check_page(std::size_t page) {
        NM_ASSIGN(const auto bytes,
                  core_.database->get(kv::Space::words, partition_, key::segment_page(page), snapshot_));
        if (!bytes) return postings::corrupt_index("a page is missing");
        NM_ASSIGN(const auto entries, postings::parse_page(segment_, *bytes));
        auto entry = entries.begin();
        for (; next_ < postings_.size(); ++next_) {
            const std::uint64_t key = postings_[next_] & ~kPlaceMask;
            if (segment_.page_of(key) != page) return {};
            const std::uint64_t fingerprint = segment_.fingerprint_of(key);
            while (entry != entries.end() && entry->fingerprint < fingerprint) ++entry;
            const bool there = entry != entries.end() && entry->fingerprint == fingerprint &&
                               std::binary_search(entry->places.begin(), entry->places.end(),
                                                  static_cast<std::uint32_t>(postings_[next_] & kPlaceMask));
            if (!there) return lacks(postings_[next_] & kPlaceMask, "a word");
        }
        return {};
    }

    Result<void> check_ranges(std::uint32_t width) {
        NM_ASSIGN(const auto bytes,
                  core_.database->get(kv::Space::words, partition_, key::segment_ranges(width), snapshot_));
        std::vector<postings::PlacedRange> stored;
        if (bytes) {
            NM_ASSIGN(stored, postings::parse_ranges(segment_, *bytes));
        }
        for (const postings::PlacedRange& range : ranges_[width]) {
            const auto behind =
                std::upper_bound(stored.begin(), stored.end(), range, [](const auto& one, const auto& other) {
                    return std::tie(one.place, one.least) < std::tie(other.place, other.least);
                });
            const bool there = behind != stored.begin() && (behind - 1)->place == range.place &&
                               range.greatest <= (behind - 1)->greatest;
            if (!there) return lacks(range.place, "a range of numbers");
        }
        return {};
    }

    Error lacks(std::size_t place, const std::string& what) const {
        return {Code::corruption, "it lacks " + what + " of block " +
                                      std::to_string(segment_.blocks[place].number) + " of row number " +
                                      std::to_string(segment_.blocks[place].row)};
    }

    const Core& core_;
    const SnapshotPtr& snapshot_;
    const std::string partition_;
    const postings::Segment& segment_;
    std::vector<std::uint64_t> postings_;  // as SegmentBuilder has them
    std::size_t next_ = 0;                 // of them
    std::array<std::vector<postings::PlacedRange>, postings::kMaxWidth + 1> ranges_;
};

}  // namespace

Result<void> verify_index(const Core& core, const SnapshotPtr& snapshot, const Progress& progress,
                          const IndexProblem& problem) {
    std::optional<std::string> partition;
    std::uint64_t done = 0;
    const auto go_on = [&]() -> Result<void> {
        if (!progress || progress({"verify", done++, 0, "indexed blocks"})) return {};
        return Error{Code::cancelled, "the verification was stopped"};
    };
    for (;;) {
        NM_ASSIGN(partition, core.database->next_partition(kv::Space::words, partition));
        if (!partition) return {};
        NM_ASSIGN(const std::uint64_t number, key::parse_segment(*partition));
        NM_ASSIGN(const auto head,
                  core.database->get(kv::Space::words, *partition, key::segment_head(), snapshot));
        if (!head) continue;  // not finished
        const auto segment = postings::parse_segment(*head);
        const Result<void> checked = segment.ok() ? SegmentCheck(core, snapshot, number, *segment).run(go_on)
                                                  : Result<void>(segment.error());
        if (checked.ok()) continue;
        if (checked.error().code != Code::corruption) return checked;
        problem(number, "segment " + std::to_string(number) + " of the word index: " +
                            checked.error().message + "; nm-tool reindex makes it anew");
    }
}

}  // namespace nmstore
