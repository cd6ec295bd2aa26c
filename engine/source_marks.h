// Which batches of a source of lines (LineBatch::set_origin) have been written here. One hub alone needs the
// last number only. Where batches come by way of another hub too, a greater one may be here before those that
// are still on their way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv.h"
#include "nmstore/change.h"
#include "nmstore/result.h"

namespace nmstore {

class SourceMarks {
  public:
    // Nothing of a source that is not there.
    static Result<SourceMarks> read(const kv::Database& database, std::string_view source);
    static Result<SourceMarks> parse(std::string_view bytes);  // corruption
    std::string format() const;
    void put(kv::Batch& batch, std::string_view source) const;

    bool any() const { return !known_.empty(); }
    std::uint64_t last() const { return known_.empty() ? 0 : known_.back().end - 1; }
    bool contains(std::uint64_t sequence) const;
    void add(std::uint64_t sequence);
    void add_all_to(std::uint64_t last);
    void add(const SourceMarks& others);
    bool contains(const SourceMarks& others) const;

  private:
    // The oldest are forgotten: better that such a batch is written twice, should it come again, than that
    // one which is still on its way passes for known.
    static constexpr std::size_t kMaxRanges = 256;

    void join();

    std::vector<SequenceRange> known_;  // rising, with gaps between them
};

}  // namespace nmstore
