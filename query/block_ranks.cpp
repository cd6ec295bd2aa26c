#include "query/block_ranks.h"

#include <algorithm>
#include <bit>

namespace nmstore::query {

RankSet RankSet::of_size(std::size_t size) {
    RankSet made(State::some);
    made.words_.resize((size + kBits - 1) / kBits);
    return made;
}

std::size_t RankSet::count(std::size_t size) const {
    if (state_ == State::none) return 0;
    if (state_ == State::all) return size;
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
}

void RankSet::settle(std::size_t size) {
    if (state_ != State::some) return;
    const std::size_t has = count(size);
    if (has == 0) *this = none();
    if (has == size) *this = all();
}

void RankSet::intersect(const RankSet& other, std::size_t size) {
    if (is_none() || other.is_all()) return;
    if (other.is_none() || is_all()) {
        *this = other;
        return;
    }
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    settle(size);
}

void RankSet::unite(const RankSet& other, std::size_t size) {
    if (is_all() || other.is_none()) return;
    if (other.is_all() || is_none()) {
        *this = other;
        return;
    }
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    settle(size);
}

void RankSet::subtract(const RankSet& other, std::size_t size) {
    if (is_none() || other.is_none()) return;
    if (other.is_all()) {
        *this = none();
        return;
    }
    if (is_all()) {
        *this = of_size(size);
        for (std::size_t rank = 0; rank < size; ++rank) add(rank);
    }
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    settle(size);
}

}  // namespace nmstore::query
