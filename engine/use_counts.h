// How often things were asked for of late, about: also of those that are not kept. In some bytes for each,
// whatever their number: counts of two places each, of which the smaller is the right one or a little more
// (a count-min sketch, G. Cormode, S. Muthukrishnan 2005), halved again and again so that the past fades.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nmstore {

// One thread at a time.
class UseCounts {
  public:
    static constexpr std::uint8_t kMost = 7;  // more is not told apart, so that what is new can catch up

    // For about so many things.
    void resize(std::size_t things) {
        counts_.assign(std::bit_ceil(std::max<std::size_t>(things, 64) * kCountsEach), 0);
        until_halved_ = period();
    }

    void note(std::uint64_t thing) {
        std::uint8_t& one = counts_[first(thing)];
        std::uint8_t& other = counts_[second(thing)];
        const std::uint8_t least = std::min(one, other);
        if (least < kMost) {
            if (one == least) ++one;
            if (other == least && &one != &other) ++other;
        }
        // What is asked for once, however much it is, makes nothing else fade.
        if (least == 0 || --until_halved_ != 0) return;
        for (std::uint8_t& count : counts_) count = static_cast<std::uint8_t>(count / 2);
        until_halved_ = period();
    }
    std::uint8_t of(std::uint64_t thing) const {
        return std::min(counts_[first(thing)], counts_[second(thing)]);
    }

  private:
    static constexpr std::size_t kCountsEach = 16;  // so that few share both of their places
    static constexpr std::size_t kNotesEach = 4;    // until all is halved

    std::size_t period() const { return counts_.size() / kCountsEach * kNotesEach; }
    std::size_t place(std::uint64_t mixed) const {
        return static_cast<std::size_t>(mixed) & (counts_.size() - 1);
    }
    std::size_t first(std::uint64_t thing) const { return place((thing * 0x9e3779b97f4a7c15ULL) >> 32); }
    std::size_t second(std::uint64_t thing) const { return place((thing * 0xc2b2ae3d27d4eb4fULL) >> 29); }

    std::vector<std::uint8_t> counts_;  // as many as a power of two
    std::size_t until_halved_ = 0;      // so many more notes
};

}  // namespace nmstore
