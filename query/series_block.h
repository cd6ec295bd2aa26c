// Adds up the readings of one sealed block: from its columns, and line by line only where a template does not
// tell what its lines have.
#pragma once

#include <cstdint>
#include <vector>

#include "nmstore/sealed_block.h"
#include "query/reading_columns.h"
#include "query/reading_template.h"
#include "query/series_totals.h"

namespace nmstore::query {

// Used by one thread; keeps its memory from one block to the next.
class SeriesBlock {
  public:
    // Those in [from, to) of the work.
    Result<void> add(block::BlockReader& block, SeriesTotals& totals);

  private:
    struct Range {  // of lines
        std::size_t begin, end;
    };
    // Lines of one template in one step: their places in the columns.
    struct Part {
        std::uint32_t made;
        std::int64_t start_ms;
        Range ranks;
    };

    Result<void> divide(block::BlockReader& block, const std::vector<std::int64_t>& times, Range lines,
                        std::int64_t step_ms);
    void divide_step(const std::vector<std::uint32_t>& numbers, Range lines, std::int64_t start_ms);
    Result<void> add_lines(block::BlockReader& block, Range lines, SeriesTotals& totals);
    Result<void> add_columns(block::BlockReader& block, const ReadingParts& field, std::size_t lines,
                             Range parts, SeriesTotals& totals);

    std::vector<Part> parts_;  // by template
    std::vector<std::size_t> counts_, begins_;
    std::vector<std::uint32_t> touched_;
    std::vector<bool> by_line_;
    ReadingTemplate template_;
    ReadingColumns columns_;
};

}  // namespace nmstore::query
