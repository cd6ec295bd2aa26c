// The sequences of the lines of one commit. Taken in chunks that grow, so that there are few ranges of them,
// and ranges of two commits never overlap. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/number_reserve.h"
#include "nmstore/change.h"

namespace nmstore {

class SequenceRanges {
  public:
    explicit SequenceRanges(NumberReserve& numbers) : numbers_(numbers) {}

    Result<std::uint64_t> next() {
        if (taken_.empty() || taken_.back().end == end_) {
            NM_ASSIGN(const NumberReserve::Range range, numbers_.take_up_to(chunk_));
            chunk_ = std::min(2 * chunk_, kMaxChunk);
            begin(range);
        }
        return taken_.back().end++;
    }
    // The first of so many that follow each other.
    Result<std::uint64_t> next_in_a_row(std::uint64_t count) {
        if (taken_.empty() || end_ - taken_.back().end < count) {
            NumberReserve::Range range;
            do {
                NM_ASSIGN(range, numbers_.take_up_to(count));
            } while (range.end - range.first < count);
            begin(range);
        }
        const std::uint64_t first = taken_.back().end;
        taken_.back().end += count;
        return first;
    }

    // Rising.
    const std::vector<SequenceRange>& taken() const { return taken_; }

  private:
    static constexpr std::uint64_t kMaxChunk = 4096;

    void begin(const NumberReserve::Range& range) {
        if (taken_.empty() || taken_.back().end != range.first) taken_.push_back({range.first, range.first});
        end_ = range.end;
    }

    NumberReserve& numbers_;
    std::vector<SequenceRange> taken_;
    std::uint64_t end_ = 0;  // of what was taken for the last of these
    std::uint64_t chunk_ = 1;
};

}  // namespace nmstore
