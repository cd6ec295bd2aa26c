// The matching lines of one sealed block, in order: what a search goes through instead of the block's lines.
#pragma once

#include <functional>
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
    static Result<std::unique_ptr<BlockCursor>> open(std::unique_ptr<block::BlockReader> block,
                                                     const LogRow& row, const LineRange& range,
                                                     FilterForms filter);

    Result<bool> next() override;
    const Line& line() const override { return line_; }

    // Finds out of all lines whether they match, so that next() has no more to do than to give them out.
    Result<void> decide();
    // How many lines of the block match, whatever the range. Reads no times, and texts only where nothing
    // else decides.
    Result<std::uint64_t> count();
    // Calls `each` with the time of every line of the range that matches, in order.
    Result<void> for_each_time(const std::function<Result<void>(std::int64_t time_ms)>& each);

  private:
    BlockCursor(std::unique_ptr<block::BlockReader> block, const LogRow& row, const LineRange& range,
                FilterForms filter, BlockLines lines)
        : block_(std::move(block)), row_(row), range_(range), filter_(filter), lines_(std::move(lines)) {}

    Result<void> begin();
    bool in_range(const block::LineKey& key) const;
    std::optional<std::size_t> next_place();

    std::unique_ptr<block::BlockReader> block_;
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
