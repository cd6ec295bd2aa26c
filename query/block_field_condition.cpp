// Fields and levels, asked of a block: templates that have no fields are told by their constants, and their
// level by the first word that names one. All else is left to the lines.
#include "query/block_condition.h"
#include "query/block_level.h"
#include "query/condition.h"
#include "query/matcher.h"

namespace nmstore::query {
namespace {

class Field final : public BlockCondition {
  public:
    explicit Field(std::unique_ptr<Matcher> matcher) : without_(matcher->matches(Line())) {}
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet&) const override {
        return may_have_fields(block.made(number)) ? Bounds() : Bounds::always(without_);
    }
    unsigned cost() const override { return cost::kField; }

  private:
    bool without_;  // whether it holds of a line without the field
};

class Level final : public BlockCondition {
  public:
    explicit Level(std::unique_ptr<Matcher> matcher)
        : matcher_(std::move(matcher)), without_(matcher_->matches(Line())) {}

    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        NM_ASSIGN(const TemplateLevel found, level_in(block.reader(), number, within));
        if (!found.told) return Bounds();
        Line line;
        line.text = found.level;  // the name of a level names it in a text too
        const bool with = matcher_->matches(line);
        if (with == without_) return Bounds::always(with);
        if (with) return Bounds::exactly(found.lines);
        RankSet others = RankSet::all();
        others.subtract(found.lines, block.made(number).lines);
        return Bounds::exactly(std::move(others));
    }
    unsigned cost() const override { return cost::kLevel; }

  private:
    std::unique_ptr<Matcher> matcher_;
    bool without_;  // whether it holds of a line without a level
};

}  // namespace

Result<BlockConditionPtr> make_block_field(const Filter& filter) {
    NM_ASSIGN(auto matcher, compile(filter));
    return BlockConditionPtr(std::make_unique<Field>(std::move(matcher)));
}

Result<BlockConditionPtr> make_block_level(const Filter& filter) {
    NM_ASSIGN(auto matcher, compile(filter));
    return BlockConditionPtr(std::make_unique<Level>(std::move(matcher)));
}

}  // namespace nmstore::query
