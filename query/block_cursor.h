// The matching lines of one sealed block, in order: what a search goes through instead of the block's lines.
#pragma once

#include <memory>
#include <optional>

#include "nmstore/store.h"
#include "query/block_plan.h"

namespace nmstore::query {

// The two forms of one filter. Both null: every line matches.
struct FilterForms {
    const Matcher* matcher = nullptr;
    const BlockPlan* plan = nullptr;
};

// Owned and used by one thread; the row and the forms of the filter must outlive it.
class BlockCursor final : public LineCursor {
  public:
    // Reads the directory, and what the filter needs; no lines. Null: the block's own filter tells that no
    // line matches, and nothing else of it was read.
    // Several cursors, used one after the other, may share a block: what one has decoded the next one has.
    static Result<std::unique_ptr<BlockCursor>> open(std::shared_ptr<block::BlockReader> block,
                                                     const LogRow& row, const LineRange& range,
                                                     FilterForms filter);

    Result<bool> next() override;
    const Line& line() const override { return line_; }

    // Finds out of all lines whether they match, so that next() has no more to do than to give them out.
    Result<void> decide();
    // All lines of the block that match, whatever the range; once decided.
    const BlockLines& lines() const { return lines_; }
    // The same of those that are in the range.
    Result<BlockLines> lines_in_range();
    // Calls each(time, number of the template, rank) for every line of the range that matches, in order.
    template <class Each>
    Result<void> for_each_place(const Each& each) {
        NM_TRY(decide());
        if (lines_.none()) return {};
        NM_TRY(begin());
        while (const auto at = next_place()) each((*ids_)[*at].time_ms, (*numbers_)[*at], (*ranks_)[*at]);
        return {};
    }
    // Lets go what can be read again; it goes on where it was.
    void rest();
    block::BlockReader& block() { return *block_; }
    std::size_t memory_bytes() const { return block_->memory_bytes(); }

  private:
    BlockCursor(std::shared_ptr<block::BlockReader> block, const LogRow& row, const LineRange& range,
                FilterForms filter, BlockLines lines)
        : block_(std::move(block)), row_(row), range_(range), filter_(filter), lines_(std::move(lines)) {}

    Result<void> begin();
    bool in_range(const block::LineKey& key) const;
    std::optional<std::size_t> next_place();

    std::shared_ptr<block::BlockReader> block_;
    const LogRow& row_;
    LineRange range_;
    FilterForms filter_;
    BlockLines lines_;
    Line line_;
    // Once begun:
    const std::vector<block::LineKey>* ids_ = nullptr;
    const std::vector<std::uint32_t>* numbers_ = nullptr;
    const std::vector<std::uint32_t>* ranks_ = nullptr;
    std::size_t passed_ = 0;  // lines of the block, in order
};

}  // namespace nmstore::query
