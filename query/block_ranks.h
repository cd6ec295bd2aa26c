// A set of the lines of one template of a block, by their rank among them. Most such sets are all of the
// lines or none, and stay symbols: nothing of the lines is read for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nmstore::query {

class RankSet {
  public:
    static RankSet none() { return RankSet(State::none); }
    static RankSet all() { return RankSet(State::all); }
    // An empty set that can take ranks below `size`.
    static RankSet of_size(std::size_t size);

    bool is_none() const { return state_ == State::none; }
    bool is_all() const { return state_ == State::all; }
    bool has(std::size_t rank) const {
        if (state_ != State::some) return state_ == State::all;
        return (words_[rank / kBits] >> (rank % kBits) & 1) != 0;
    }
    std::size_t count(std::size_t size) const;

    // Only of a set from of_size().
    void add(std::size_t rank) { words_[rank / kBits] |= std::uint64_t{1} << (rank % kBits); }
    void remove(std::size_t rank) { words_[rank / kBits] &= ~(std::uint64_t{1} << (rank % kBits)); }
    // Makes it a symbol if it has come to have no line, or all of them.
    void settle(std::size_t size);

    // `size`: the lines of the template.
    void intersect(const RankSet& other, std::size_t size);
    void unite(const RankSet& other, std::size_t size);
    void subtract(const RankSet& other, std::size_t size);

    // Calls each(rank) for every rank of the set, rising.
    template <class Each>
    void for_each(std::size_t size, const Each& each) const {
        if (state_ == State::none) return;
        if (state_ == State::all) {
            for (std::size_t rank = 0; rank < size; ++rank) each(rank);
            return;
        }
        for (std::size_t i = 0; i < words_.size(); ++i) {
            for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1)
                each(i * kBits + static_cast<std::size_t>(__builtin_ctzll(rest)));
        }
    }

  private:
    enum class State : std::uint8_t { none, all, some };
    static constexpr std::size_t kBits = 64;
    explicit RankSet(State state) : state_(state) {}

    State state_;
    std::vector<std::uint64_t> words_;  // of `some`
};

// What is known of which lines of a template match: `sure` do, what is not in `maybe` does not. All of `sure`
// is in `maybe`.
struct Bounds {
    RankSet sure = RankSet::none();
    RankSet maybe = RankSet::all();

    static Bounds exactly(RankSet set) { return {set, set}; }
    static Bounds always(bool truth) { return exactly(truth ? RankSet::all() : RankSet::none()); }
    static Bounds at_most(RankSet set) { return {RankSet::none(), std::move(set)}; }
};

}  // namespace nmstore::query
