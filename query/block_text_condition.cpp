// Conditions on the text, asked of a block: texts are found exactly, wildcards and regular expressions are
// narrowed down by the texts that they need.
#include "query/block_condition.h"
#include "query/block_phrase.h"
#include "query/block_text.h"
#include "query/condition.h"
#include "query/utf8_text.h"
#include "query/wildcard.h"

namespace nmstore::query {
namespace {

class HasPhrase final : public BlockCondition {
  public:
    explicit HasPhrase(BlockPhrase phrase, unsigned cost) : phrase_(std::move(phrase)), cost_(cost) {}
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        NM_ASSIGN(RankSet found, phrase_.in(block, number, within));
        return Bounds::exactly(std::move(found));
    }
    Result<bool> may_hold(BlockWords& block) const override { return phrase_.may_be_in(block); }
    unsigned cost() const override { return cost_; }

  private:
    BlockPhrase phrase_;
    unsigned cost_;
};

// One of some sets of texts is in a line whole, or it does not match; if it is, the text must be looked at.
class NeedsPhrases final : public BlockCondition {
  public:
    NeedsPhrases(std::vector<std::vector<BlockPhrase>> sets, unsigned cost)
        : sets_(std::move(sets)), cost_(cost) {}
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        const std::size_t lines = block.made(number).lines;
        RankSet any = RankSet::none();
        for (const auto& set : sets_) {
            RankSet all = within;
            for (const auto& phrase : set) {
                NM_ASSIGN(const RankSet found, phrase.in(block, number, all));
                all.intersect(found, lines);
                if (all.is_none()) break;
            }
            any.unite(all, lines);
            if (any.is_all()) break;
        }
        return Bounds::at_most(std::move(any));
    }
    Result<bool> may_hold(BlockWords& block) const override {
        for (const auto& set : sets_) {
            bool all = true;
            for (const auto& phrase : set) {
                if (!all) break;
                NM_ASSIGN(all, phrase.may_be_in(block));
            }
            if (all) return true;
        }
        return false;
    }
    unsigned cost() const override { return cost_; }

  private:
    std::vector<std::vector<BlockPhrase>> sets_;
    unsigned cost_;
};

class Unknown final : public BlockCondition {
  public:
    Result<Bounds> in(BlockWords&, std::size_t, const RankSet&) const override { return Bounds(); }
    unsigned cost() const override { return cost::kRegex; }
};

// What an expression needs; and where it matches what all lines of a template have, it matches them. Asks
// nothing of what stands around a match.
class HasRegex final : public BlockCondition {
  public:
    HasRegex(Regex regex, BlockConditionPtr needed) : regex_(std::move(regex)), needed_(std::move(needed)) {}
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        NM_ASSIGN(const Bounds bounds, needed_->in(block, number, within));
        if (bounds.maybe.is_none() || block.made(number).plain) return bounds;
        TemplateText text(block.reader(), number);
        std::string part(text.constant(0));
        for (std::size_t i = 0; i < text.variables(); ++i) {
            const auto& variable = text.variable(i);
            if (variable.single) {
                part.append(variable.value).append(text.constant(i + 1));
                continue;
            }
            if (regex_.matches(part)) return Bounds::always(true);
            part = text.constant(i + 1);
        }
        return regex_.matches(part) ? Bounds::always(true) : bounds;
    }
    Result<bool> may_hold(BlockWords& block) const override { return needed_->may_hold(block); }
    unsigned cost() const override { return cost::kRegex; }

  private:
    Regex regex_;
    BlockConditionPtr needed_;
};

bool is_valid(std::string_view text) {
    return invalid_utf8_at(text) == text.size();
}

BlockConditionPtr phrase(const Filter& filter, BlockPhrase::Form form, PlanWords& words) {
    if (!is_valid(filter.text)) return std::make_unique<Unknown>();
    // Parts of words may be in any column, whole ones are found by the filter.
    const bool whole = form.border_before && form.border_after;
    return std::make_unique<HasPhrase>(BlockPhrase(filter.text, form, words),
                                       whole ? cost::kNeedle : cost::kLowered);
}

BlockConditionPtr wildcard(const Filter& filter, PlanWords& words) {
    std::vector<std::vector<BlockPhrase>> sets(1);
    const auto pieces = wildcard_pieces(filter.text);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (!is_valid(pieces[i])) return std::make_unique<Unknown>();
        if (pieces[i].empty()) continue;
        const BlockPhrase::Form form{Letters::any_case, i == 0, i + 1 == pieces.size()};
        sets[0].emplace_back(pieces[i], form, words);
    }
    return std::make_unique<NeedsPhrases>(std::move(sets), cost::kWildcard);
}

Result<BlockConditionPtr> regex(const Filter& filter, PlanWords& words) {
    NM_ASSIGN(const Regex compiled, Regex::compile(filter.text, filter.ignore_case));
    std::vector<std::vector<BlockPhrase>> sets;
    for (const auto& texts : compiled.needed()) {
        auto& set = sets.emplace_back();
        for (const auto& text : texts) {
            const bool odd = text.find_first_of("ks") != std::string::npos;
            set.emplace_back(
                text, BlockPhrase::Form{odd ? Letters::regex_case : Letters::any_case, false, false}, words);
        }
    }
    BlockConditionPtr needed = std::make_unique<Unknown>();
    if (!sets.empty()) needed = std::make_unique<NeedsPhrases>(std::move(sets), cost::kRegex);
    // Kept beside the matcher's own, so with little memory; one that needs more is left to the lines.
    auto small = Regex::compile(filter.text, filter.ignore_case, kMinRegexMemory);
    if (!small.ok() || !small->matches_parts()) return needed;
    return BlockConditionPtr(std::make_unique<HasRegex>(std::move(*small), std::move(needed)));
}

}  // namespace

Result<BlockConditionPtr> make_block_text(const Filter& filter, PlanWords& words) {
    if (filter.kind == FilterKind::regex) return regex(filter, words);
    if (filter.text.empty()) return make_block_constant(true);
    switch (filter.kind) {
        case FilterKind::word:
            return phrase(filter, {Letters::any_case, true, true}, words);
        case FilterKind::prefix:
            return phrase(filter, {Letters::any_case, true, false}, words);
        case FilterKind::suffix:
            return phrase(filter, {Letters::any_case, false, true}, words);
        case FilterKind::substring:
            return phrase(filter, {Letters::any_case, false, false}, words);
        case FilterKind::exact:
            return phrase(filter, {Letters::exact, true, true}, words);
        case FilterKind::wildcard:
            return wildcard(filter, words);
        default:
            return make_block_constant(true);
    }
}

}  // namespace nmstore::query
