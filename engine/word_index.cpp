#include "engine/word_index.h"

#include <cstdlib>
#include <utility>

#include "engine/key.h"
#include "engine/postings/page.h"
#include "engine/postings/ranges.h"

namespace nmstore {

Result<void> WordIndex::load() {
    std::map<std::uint64_t, KnownPtr> segments;
    std::optional<std::string> partition;
    for (;;) {
        NM_ASSIGN(partition, database_.next_partition(kv::Space::words, partition));
        if (!partition) break;
        NM_ASSIGN(const std::uint64_t number, key::parse_segment(*partition));
        NM_ASSIGN(const auto head, database_.get(kv::Space::words, *partition, key::segment_head()));
        if (!head) continue;  // what a crash has left
        auto segment = postings::parse_segment(*head);
        if (!segment.ok()) {
            ++failures_;
            continue;
        }
        segments.emplace(number, std::make_shared<const Known>(Known{number, *std::move(segment)}));
    }
    auto loaded = with(segments);
    const std::lock_guard guard(mutex_);
    state_ = std::move(loaded);
    empty_ = state_->segments.empty();
    return {};
}

std::shared_ptr<const WordIndex::State> WordIndex::with(const std::map<std::uint64_t, KnownPtr>& segments) {
    auto state = std::make_shared<State>();
    state->segments = segments;
    for (const auto& [number, known] : segments) {
        const auto& blocks = known->segment.blocks;
        for (std::size_t place = 0; place < blocks.size(); ++place)
            state->blocks[blocks[place].number] = {known, static_cast<std::uint32_t>(place)};
    }
    return state;
}

void WordIndex::replace(const std::vector<KnownPtr>& added, const std::vector<std::uint64_t>& removed) {
    std::map<std::uint64_t, KnownPtr> segments = state()->segments;
    for (const KnownPtr& known : added) segments[known->number] = known;
    for (const std::uint64_t number : removed) segments.erase(number);
    auto next = with(segments);
    const std::lock_guard guard(mutex_);
    state_ = std::move(next);
    empty_ = state_->segments.empty();
}

std::shared_ptr<const WordIndex::State> WordIndex::state() const {
    const std::lock_guard guard(mutex_);
    return state_;
}

std::vector<WordIndex::KnownPtr> WordIndex::segments() const {
    std::vector<KnownPtr> out;
    for (const auto& [number, known] : state()->segments) out.push_back(known);
    return out;
}

WordIndex::KnownPtr WordIndex::segment_of(std::uint64_t block) const {
    const auto now = state();
    const auto at = now->blocks.find(block);
    return at == now->blocks.end() ? nullptr : at->second.in;
}

std::optional<bool> WordIndex::may_have_word(std::uint64_t block, const block::SoughtWord& word) {
    if (empty_.load(std::memory_order_acquire)) return std::nullopt;
    const auto now = state();
    const auto at = now->blocks.find(block);
    if (at == now->blocks.end()) return std::nullopt;
    const Places places = places_of(*at->second.in, word);
    if (places == nullptr) return std::nullopt;
    return places->has(at->second.place);
}

// The clock may be set meanwhile.
bool WordIndex::holds(const Answer& answer) const {
    return !answer.failed_ms || std::abs(clock_.now_ms() - *answer.failed_ms) < kTriedAgainMs;
}

WordIndex::Places WordIndex::places_of(const Known& segment, const block::SoughtWord& word) {
    const Question question{segment.number, word.hash};
    Shard& shard = shards_[HashQuestion()(question) % kShards];
    {
        const std::lock_guard guard(shard.mutex);
        const auto at = shard.answers.find(question);
        if (at != shard.answers.end() && holds(at->second)) return at->second.places;
    }
    pages_read_.fetch_add(1, std::memory_order_relaxed);
    auto read = read_places(segment, word);
    if (!read.ok()) failures_.fetch_add(1, std::memory_order_relaxed);
    Answer answer;
    if (read.ok()) {
        answer.places = *std::move(read);
    } else {
        answer.failed_ms = clock_.now_ms();
    }
    const std::lock_guard guard(shard.mutex);
    if (shard.answers.size() >= kMaxAnswers) shard.answers.clear();
    Answer& kept = shard.answers[question];
    // Another thread may have been luckier.
    if (read.ok() || kept.places == nullptr) kept = answer;
    return answer.places;
}

// A segment that is being removed goes in one step, pages and ranges together: where the page is still there,
// so were the ranges, which are read before it.
Result<WordIndex::Places> WordIndex::read_places(const Known& segment, const block::SoughtWord& word) const {
    const std::string partition = key::segment(segment.number);
    const postings::Segment& shape = segment.segment;
    postings::PlaceSet places(shape.blocks.size());
    const auto add_ranges = [&](std::uint32_t width) -> Result<void> {
        NM_ASSIGN(const auto bytes, database_.get(kv::Space::words, partition, key::segment_ranges(width)));
        if (!bytes) return {};
        NM_ASSIGN(const auto ranges, postings::parse_ranges(shape, *bytes));
        for (const postings::PlacedRange& range : ranges) {
            if (word.number >= range.least && word.number <= range.greatest) places.add(range.place);
        }
        return {};
    };
    if (word.is_number) {
        if (!word.padded) NM_TRY(add_ranges(0));
        NM_TRY(add_ranges(static_cast<std::uint32_t>(word.bytes)));
    }
    const std::uint64_t key = postings::posting_key(word.hash);
    NM_ASSIGN(const auto page,
              database_.get(kv::Space::words, partition, key::segment_page(shape.page_of(key))));
    if (!page) return Places();
    NM_TRY(postings::find_in_page(shape, *page, shape.fingerprint_of(key), places));
    return Places(std::make_shared<const postings::PlaceSet>(std::move(places)));
}

void WordIndex::tell(StoreStats& stats) const {
    const auto now = state();
    stats.index_segments = now->segments.size();
    stats.index_blocks = now->blocks.size();
    for (const auto& [number, known] : now->segments) stats.index_postings += known->segment.postings;
    stats.index_lookups = pages_read_.load(std::memory_order_relaxed);
    stats.index_failures = failures_.load(std::memory_order_relaxed);
}

}  // namespace nmstore
