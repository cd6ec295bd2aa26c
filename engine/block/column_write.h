// Columns on their way into a block: each in the encoding that promises to be the smallest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/block/column.h"
#include "engine/block/split_lines.h"

namespace nmstore::block {

// The clock in the text that all values of a column are, told by the times of its lines; kClockParts if none.
int clock_part_of(const WrittenColumn& column, const ValueTable& table,
                  const std::vector<std::int64_t>& times_ms, std::int64_t zone_minutes);

// Keeps its memory from one column to the next.
class ColumnEncoder {
  public:
    // `shared`: for each value of the table 0, or 1 + its place in the shared dictionary; nothing if there is
    // none. Both must outlive the encoder.
    ColumnEncoder(const ValueTable& table, const std::vector<std::uint32_t>& shared)
        : table_(table), shared_(shared) {}

    // Appends a column that is no clock and has more than one value. `times_ms`: of its lines.
    void encode(const WrittenColumn& column, const std::vector<std::int64_t>& times_ms, std::string& out);

  private:
    void offer();  // other_, the encoding of which has been written
    void offer_alone(const WrittenColumn& column);
    void offer_numbers(const WrittenColumn& column);
    void offer_number_dictionary(const WrittenColumn& column);
    void offer_moments(const std::vector<std::int64_t>& times_ms, MomentUnit unit);
    void offer_texts(const WrittenColumn& column);
    void offer_text_dictionary(const WrittenColumn& column);
    void offer_hex(const WrittenColumn& column);
    void offer_shared(const WrittenColumn& column);
    void start(Encoding encoding);

    const ValueTable& table_;
    const std::vector<std::uint32_t>& shared_;

    std::string best_, other_;
    std::size_t best_cost_ = 0;
    std::vector<std::uint64_t> by_place_;                        // numbers of the distinct values
    std::vector<std::uint64_t> numbers_;                         // of the lines
    std::vector<std::uint64_t> written_;                         // what planes are made of
    std::vector<std::pair<std::uint64_t, std::size_t>> sorted_;  // of by_place_, and which it was
    std::vector<std::uint64_t> steps_;
};

}  // namespace nmstore::block
