// A filter's parts, ready to be asked about the templates of a block: as Condition is about a line.
#pragma once

#include <memory>
#include <vector>

#include "query/block_ranks.h"
#include "query/block_words.h"
#include "query/filter.h"

namespace nmstore::query {

class BlockCondition {
  public:
    virtual ~BlockCondition() = default;
    // What the lines of the template of that number are. Only lines in `within` are asked about: of others
    // anything may be said.
    virtual Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const = 0;
    // false: no line of the block can match, as far as its filter tells. Reads nothing else of the block.
    virtual Result<bool> may_hold(BlockWords&) const { return true; }
    // As Condition::cost.
    virtual unsigned cost() const = 0;
};
using BlockConditionPtr = std::unique_ptr<const BlockCondition>;

BlockConditionPtr make_block_constant(bool truth);
// client:, log:, kind:, by its number among the filter's sources.
BlockConditionPtr make_block_source(std::size_t number);
// Of the text: word … exact, regex.
Result<BlockConditionPtr> make_block_text(const Filter& filter, PlanWords& words);
Result<BlockConditionPtr> make_block_field(const Filter& filter);
Result<BlockConditionPtr> make_block_level(const Filter& filter);

BlockConditionPtr make_block_negation(BlockConditionPtr negated);
BlockConditionPtr make_block_both(std::vector<BlockConditionPtr> parts);
BlockConditionPtr make_block_either(std::vector<BlockConditionPtr> parts);

}  // namespace nmstore::query
