// A filter asked about a whole block at once: as sets of lines, told by templates and columns. Says exactly
// what a Matcher says of each line, which is asked only about lines that nothing else decides.
#pragma once

#include <memory>
#include <vector>

#include "nmstore/sealed_block.h"
#include "query/block_condition.h"
#include "query/block_ranks.h"
#include "query/condition.h"
#include "query/filter.h"
#include "query/matcher.h"

namespace nmstore::query {

// The lines of one block that match, and those of which only their text can tell.
class BlockLines {
  public:
    struct OfTemplate {
        RankSet matching;
        RankSet open;  // none of them is in `matching`
    };
    explicit BlockLines(std::vector<OfTemplate> templates) : templates_(std::move(templates)) {}

    // By the number of the template.
    const OfTemplate& operator[](std::size_t number) const { return templates_[number]; }
    OfTemplate& operator[](std::size_t number) { return templates_[number]; }
    bool none() const;     // no line can match
    bool decided() const;  // no line is open
    // The lines that are known to match. Reads nothing of the block.
    std::size_t count(const block::BlockReader& block) const;

  private:
    std::vector<OfTemplate> templates_;
};

// Immutable; may be used by several threads.
class BlockPlan {
  public:
    // Errors as compile().
    static Result<std::unique_ptr<BlockPlan>> make(const Filter& filter, const ClientNames& names = {},
                                                   const IsGone& gone = {});

    // false: no line of the block matches. Reads the block's filter and nothing else.
    Result<bool> may_match(block::BlockReader& block, const LogRow& row) const;

    // Reads what it needs of the block's directory, filter and columns, but puts no line together. The
    // block's directory must have been read.
    Result<BlockLines> lines(block::BlockReader& block, const LogRow& row) const;

    // Asks the matcher about every line that is open.
    Result<void> decide(block::BlockReader& block, const LogRow& row, const Matcher& matcher,
                        BlockLines& lines) const;

    // Blocks that may match are likely to be asked for what stands in their columns.
    bool reads_columns() const { return condition_->cost() >= cost::kLowered; }

  private:
    BlockPlan() = default;
    Result<BlockConditionPtr> make_condition(const Filter& filter, const ClientNames& names,
                                             const IsGone& gone);

    std::vector<bool> sources_of(const LogRow& row) const;

    PlanWords words_;
    std::vector<std::unique_ptr<Matcher>> sources_;
    BlockConditionPtr condition_;
};

// Line `at` of a block as searchers see it; valid until the reader's next line().
Result<Line> block_line(block::BlockReader& block, const LogRow& row, std::size_t at);

}  // namespace nmstore::query
