#include "engine/word_indexing.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "engine/block/word_gathering.h"
#include "engine/block_merge.h"
#include "engine/key.h"
#include "engine/next_row.h"
#include "engine/postings/segment_builder.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

constexpr std::size_t kStepBytes = std::size_t{1} << 20;  // of a segment, written at once

class Indexing {
  public:
    Indexing(Core& core, const Progress& progress)
        : core_(core), progress_(progress), snapshot_(core.database->snapshot()) {}

    Result<Indexed> run(IndexWhen when) {
        NM_TRY(find_blocks_at_rest());
        choose(when);
        if (when == IndexWhen::worth_it && chosen_.size() < kLeastIndexed) return out_;
        std::uint64_t done = 0;
        for (const postings::SegmentBlock& at : chosen_) {
            NM_TRY(report("index", done++, chosen_.size(), "blocks"));
            NM_TRY(add(at));
        }
        NM_TRY(finish_segment());
        NM_TRY(remove_replaced());
        NM_TRY(core_.wait_for_all());
        return out_;
    }

  private:
    Result<void> report(std::string_view stage, std::uint64_t done, std::uint64_t total,
                        std::string_view unit) const {
        NM_TRY(core_.writable());
        if (!progress_ || progress_({stage, done, total, unit})) return {};
        return Error{Code::cancelled, "the indexing was stopped"};
    }

    Result<void> find_blocks_at_rest() {
        std::optional<std::string> partition;
        for (std::uint64_t rows = 0;; ++rows) {
            NM_TRY(report("index", rows, 0, "rows"));
            NM_ASSIGN(partition, next_row(core_, partition));
            if (!partition) break;
            NM_ASSIGN(const RowId row, key::parse_row(*partition));
            const auto blocks = list_blocks(core_, row, snapshot_);
            if (!blocks.ok()) {
                if (blocks.error().code != Code::corruption) return blocks.error();
                ++out_.unreadable;  // as a block that is damaged
                continue;
            }
            for (const BlockInfo& block : *blocks) {
                const bool at_rest = block.tight || !is_small(block, core_.sealing.block_bytes);
                if (at_rest) at_rest_.push_back({row, block.number});
            }
        }
        std::sort(at_rest_.begin(), at_rest_.end());
        return {};
    }

    // Which blocks go into new segments, and which segments go.
    void choose(IndexWhen when) {
        std::unordered_set<std::uint64_t> covered;
        struct Living {
            WordIndex::KnownPtr known;
            std::vector<postings::SegmentBlock> blocks;
        };
        std::vector<Living> segments;
        for (const WordIndex::KnownPtr& known : core_.word_index.segments()) {
            Living& living = segments.emplace_back(Living{known, {}});
            for (const postings::SegmentBlock& at : known->segment.blocks) {
                if (std::binary_search(at_rest_.begin(), at_rest_.end(), at) &&
                    core_.word_index.segment_of(at.number) == known) {
                    living.blocks.push_back(at);
                    covered.insert(at.number);
                }
            }
        }
        for (const postings::SegmentBlock& at : at_rest_) {
            if (!covered.contains(at.number)) chosen_.push_back(at);
        }
        const auto take = [&](const Living& living) {
            replaced_.push_back(living.known->number);
            chosen_.insert(chosen_.end(), living.blocks.begin(), living.blocks.end());
        };
        std::sort(segments.begin(), segments.end(),
                  [](const Living& a, const Living& b) { return a.blocks.size() < b.blocks.size(); });
        for (const Living& living : segments) {
            const std::size_t all = living.known->segment.blocks.size();
            const bool dead = living.blocks.size() * 2 <= all;
            // So that there are never many small ones, and none is made anew often.
            const bool small = living.blocks.size() <= chosen_.size() && all <= postings::kMaxBlocks / 2 &&
                               living.known->segment.postings <= postings::kMaxPostings / 2;
            if (dead || small || when == IndexWhen::anew) take(living);
        }
        std::sort(chosen_.begin(), chosen_.end());
    }

    Result<void> add(const postings::SegmentBlock& at) {
        const auto words = words_of(at);
        if (!words.ok()) {
            if (words.error().code != Code::corruption) return words.error();
            ++out_.unreadable;  // a query meets it too, and says so; a verification names it
            return {};
        }
        if (!builder_.has_room(words->hashes.size())) NM_TRY(finish_segment());
        builder_.add(at, *words);
        ++out_.blocks;
        return {};
    }

    Result<block::WordKeys> words_of(const postings::SegmentBlock& at) {
        NM_ASSIGN(const auto block, find_block(core_, at.row, at.number, snapshot_));
        if (!block) return Error{Code::corruption, "a block's head is missing"};
        const auto reader = open_stored_block(core_, *block, snapshot_);
        NM_TRY(reader->read_directory());
        NM_ASSIGN(block::WordGatherer words, block::gather_words(*reader));
        return words.take_keys();
    }

    Result<void> finish_segment() {
        if (builder_.empty()) return {};
        NM_ASSIGN(const std::uint64_t number, core_.segment_numbers.take());
        const std::string partition = key::segment(number);
        auto batch = core_.database->new_batch();
        const auto put = [&](std::string_view key, std::string_view value) -> Result<void> {
            batch->put(kv::Space::words, partition, key, value);
            if (batch->bytes() < kStepBytes) return {};
            NM_TRY(core_.apply(*batch));
            batch = core_.database->new_batch();
            return {};
        };
        NM_ASSIGN(postings::Segment segment, builder_.finish(put));
        batch->put(kv::Space::words, partition, key::segment_head(), postings::write_segment(segment));
        NM_TRY(core_.apply(*batch));
        core_.word_index.replace(
            {std::make_shared<const WordIndex::Known>(WordIndex::Known{number, std::move(segment)})}, {});
        ++out_.segments;
        return {};
    }

    Result<void> remove_replaced() {
        if (replaced_.empty()) return {};
        core_.word_index.replace({}, replaced_);
        const auto batch = core_.database->new_batch();
        for (const std::uint64_t number : replaced_)
            batch->remove_partition(kv::Space::words, key::segment(number));
        NM_TRY(core_.apply(*batch));
        out_.replaced = replaced_.size();
        return {};
    }

    Core& core_;
    const Progress& progress_;
    const SnapshotPtr snapshot_;
    std::vector<postings::SegmentBlock> at_rest_;  // rising, as the next
    std::vector<postings::SegmentBlock> chosen_;
    std::vector<std::uint64_t> replaced_;
    postings::SegmentBuilder builder_;
    Indexed out_;
};

}  // namespace

Result<Indexed> index_blocks(Core& core, IndexWhen when, const Progress& progress) {
    const std::lock_guard turn(core.indexing_turn);
    return Indexing(core, progress).run(when);
}

Result<void> remove_unfinished_segments(Core& core) {
    std::optional<std::string> partition;
    const auto batch = core.database->new_batch();
    for (;;) {
        NM_ASSIGN(partition, core.database->next_partition(kv::Space::words, partition));
        if (!partition) break;
        NM_ASSIGN(const auto head, core.database->get(kv::Space::words, *partition, key::segment_head()));
        if (!head) batch->remove_partition(kv::Space::words, *partition);
    }
    if (batch->count() == 0) return {};
    NM_TRY(core.apply_removal(*batch));  // a full disk must not keep the store from being opened
    return core.wait_for_all();
}

}  // namespace nmstore
