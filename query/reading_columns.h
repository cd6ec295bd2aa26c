// The numbers of one field for all lines of a template, out of the columns of its block.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nmstore/sealed_block.h"
#include "query/reading_number.h"
#include "query/reading_template.h"
#include "query/reading_total.h"

namespace nmstore::query {

// Keeps its memory from one field to the next.
class ReadingColumns {
  public:
    // `lines`: of the template. Columns of numbers are taken as such, and digits that do not make one (of
    // fractions: 5, 05, 45) from where they stand; only where there is more than digits, or a number is too
    // long, is the text of each number put together. Fails as reading the block fails.
    Result<void> read(block::BlockReader& block, const ReadingParts& parts, std::size_t lines);

    // Adds the readings of the lines [begin, end) of the template.
    void add_to(ReadingTotal& total, std::size_t begin, std::size_t end) const;
    // Whether any of them has one.
    bool any(std::size_t begin, std::size_t end) const;

  private:
    enum class Form : std::uint8_t { none, constant, decimals, each };
    Result<bool> read_decimals(block::BlockReader& block, const ReadingParts& parts, std::size_t lines);
    Result<void> take_whole(block::BlockReader& block, std::size_t column, std::int64_t unit);
    Result<void> add_fraction(block::BlockReader& block, std::size_t column);
    Result<void> read_each(block::BlockReader& block, const ReadingParts& parts, std::size_t lines);

    Form form_ = Form::none;
    std::optional<Reading> constant_;
    std::vector<std::int64_t> decimals_;  // of each line; all of scale_
    int scale_ = 0;
    std::vector<std::optional<Reading>> each_;
};

}  // namespace nmstore::query
