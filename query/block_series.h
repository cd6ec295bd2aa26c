// By what the lines of a block are counted in a histogram: the value of each line, told by its template where
// that tells it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/block_plan.h"

namespace nmstore::query {

// What a line is counted by: `by` as histogram() has it; "" by nothing.
std::string series_value(const Line& line, const std::string& by);

class BlockSeries {
  public:
    // Finds the values of the lines that are in `lines`, which must be decided. It holds its values alone.
    static Result<BlockSeries> of(block::BlockReader& block, const LogRow& row, const std::string& by,
                                  const BlockLines& lines);

    const std::vector<std::string>& values() const { return values_; }
    std::vector<std::string> take_values() { return std::move(values_); }
    // Of the line of that rank of a template, by its place among the values.
    std::uint32_t of(std::size_t number, std::size_t rank) const {
        if (templates_.empty()) return 0;
        const OfTemplate& of = templates_[number];
        if (!of.each.empty()) return of.each[rank];
        return of.some.has(rank) ? of.of_some : of.of_others;
    }
    // How many lines have each value.
    std::vector<std::uint64_t> count(const block::BlockReader& block, const BlockLines& lines) const;

  private:
    struct OfTemplate {
        std::vector<std::uint32_t> each;  // by rank; empty: as follows
        RankSet some = RankSet::none();
        std::uint32_t of_some = 0, of_others = 0;
    };
    Result<void> add_template(block::BlockReader& block, const LogRow& row, const std::string& by,
                              const RankSet& lines);
    Result<void> ask_lines(block::BlockReader& block, const LogRow& row, const std::string& by,
                           const RankSet& lines);
    std::uint32_t place_of(const std::string& value);

    std::vector<OfTemplate> templates_;  // none: all lines have the first value
    std::vector<std::string> values_;
    std::unordered_map<std::string, std::uint32_t> places_;
};

}  // namespace nmstore::query
