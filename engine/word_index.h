// The word index of an open store: which blocks at rest may have a word, known before any of them is touched
// (docs/index-format.md). engine/word_indexing.h makes it.
//
// In memory are the heads of all segments, some 40 bytes for each block that they cover, and which blocks
// have the words that were asked for last; pages are read from the database.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/kv.h"
#include "engine/postings/segment.h"
#include "nmstore/block_column.h"
#include "nmstore/clock.h"
#include "nmstore/store.h"

namespace nmstore {

// Any thread may call it. Database and clock must outlive it.
class WordIndex {
  public:
    // What could not be read is not tried again for so long; the next question after that is one.
    static constexpr std::int64_t kTriedAgainMs = 5'000;

    WordIndex(const kv::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    struct Known {
        std::uint64_t number = 0;
        postings::Segment segment;
    };
    using KnownPtr = std::shared_ptr<const Known>;

    // Reads the heads. A damaged one is passed over, and told in failures(): its blocks are not covered.
    Result<void> load();
    // Makes segments known that are in the database now, and forgets others.
    void replace(const std::vector<KnownPtr>& added, const std::vector<std::uint64_t>& removed);
    // By number. Blocks of a later one are covered by that one.
    std::vector<KnownPtr> segments() const;

    // false: the word is not in the block. true: it may be. nullopt: not known, the block is not covered or
    // the index cannot be read.
    std::optional<bool> may_have_word(std::uint64_t block, const block::SoughtWord& word);
    // The segment that covers it; null: none.
    KnownPtr segment_of(std::uint64_t block) const;

    void tell(StoreStats& stats) const;

  private:
    struct Covered {
        KnownPtr in;
        std::uint32_t place = 0;
    };
    struct State {
        std::map<std::uint64_t, KnownPtr> segments;         // by number
        std::unordered_map<std::uint64_t, Covered> blocks;  // by number
    };
    using Places = std::shared_ptr<const postings::PlaceSet>;  // null: cannot be known
    struct Answer {
        Places places;
        std::optional<std::int64_t> failed_ms;  // when it could not be read
    };
    struct Question {
        std::uint64_t segment = 0;
        std::uint64_t hash = 0;
        bool operator==(const Question&) const = default;
    };
    struct HashQuestion {
        std::size_t operator()(const Question& question) const {
            return static_cast<std::size_t>(question.hash ^ question.segment * 0x9e3779b97f4a7c15ULL);
        }
    };
    // What was found out for the words that were asked for last.
    struct Shard {
        std::mutex mutex;
        std::unordered_map<Question, Answer, HashQuestion> answers;
    };
    static constexpr std::size_t kShards = 8;
    static constexpr std::size_t kMaxAnswers = 2048;  // of a shard: then it begins anew

    std::shared_ptr<const State> state() const;
    static std::shared_ptr<const State> with(const std::map<std::uint64_t, KnownPtr>& segments);
    Places places_of(const Known& segment, const block::SoughtWord& word);
    Result<Places> read_places(const Known& segment, const block::SoughtWord& word) const;

    bool holds(const Answer& answer) const;

    const kv::Database& database_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::shared_ptr<const State> state_ = std::make_shared<State>();  // guarded by mutex_
    std::atomic<bool> empty_{true};  // most stores have none yet: then nothing is looked at
    std::array<Shard, kShards> shards_;
    std::atomic<std::uint64_t> pages_read_{0};
    std::atomic<std::uint64_t> failures_{0};
};

}  // namespace nmstore
