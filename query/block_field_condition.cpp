// Fields and levels, asked of a block: templates that have no fields are told by their constants, and their
// level by the first word that names one. All else is left to the lines.
#include "nmstore/words.h"
#include "query/block_condition.h"
#include "query/block_text.h"
#include "query/condition.h"
#include "query/level.h"
#include "query/matcher.h"

namespace nmstore::query {
namespace {

// A text with fields has one of these signs.
bool may_have_fields(const block::Template& made) {
    return made.fields || made.plain || made.pattern.find_first_of("={") != std::string_view::npos;
}

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
        const block::Template& made = block.made(number);
        if (may_have_fields(made)) return Bounds();
        TemplateText text(block.reader(), number);
        for (std::size_t i = 0; i <= text.variables(); ++i) {
            Line line;
            std::size_t end = 0;
            line.text = first_level_word(text.constant(i), end);
            if (line.text.empty()) continue;
            const bool with = matcher_->matches(line);
            if (with == without_) return Bounds::always(with);
            NM_ASSIGN(RankSet inside, within_window(block, text, {number, i, end}, within));
            if (with) return Bounds::exactly(std::move(inside));
            RankSet outside = RankSet::all();
            outside.subtract(inside, made.lines);
            return Bounds::exactly(std::move(outside));
        }
        return Bounds::always(without_);
    }
    unsigned cost() const override { return cost::kLevel; }

  private:
    struct Place {
        std::size_t number;    // of the template
        std::size_t constant;  // in which the word is
        std::size_t end;       // of the word there
    };

    // `end`: behind it. A word with a digit names no level, so variables need no look.
    static std::string_view first_level_word(std::string_view constant, std::size_t& end) {
        WordScanner scanner(constant);
        for (WordAt at; scanner.next(at);) {
            const std::string_view word = constant.substr(at.begin, at.end - at.begin);
            end = at.end;
            if (!level_of_word(word).empty()) return word;
        }
        return {};
    }

    // The lines whose word ends near enough to their beginning.
    static Result<RankSet> within_window(BlockWords& block, TemplateText& text, const Place& place,
                                         const RankSet& within) {
        std::size_t fixed = place.end;
        std::vector<const block::ColumnValues*> columns;
        for (std::size_t i = 0; i < place.constant; ++i) {
            fixed += text.constant(i).size();
            const auto& variable = text.variable(i);
            if (variable.single) {
                fixed += variable.value.size();
            } else {
                NM_ASSIGN(const auto* values, block.reader().column(variable.column));
                columns.push_back(values);
            }
        }
        if (fixed > kLevelWindowBytes) return RankSet::none();
        if (columns.empty()) return RankSet::all();
        const std::size_t lines = block.made(place.number).lines;
        RankSet inside = RankSet::of_size(lines);
        within.for_each(lines, [&](std::size_t rank) {
            std::size_t end = fixed;
            for (const auto* values : columns) end += (*values)[rank].size();
            if (end <= kLevelWindowBytes) inside.add(rank);
        });
        inside.settle(lines);
        return inside;
    }

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
