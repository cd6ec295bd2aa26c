// Conditions on the text, asked of a block: texts are found exactly, wildcards and regular expressions are
// narrowed down by the texts that they need.
#include "nmstore/words.h"
#include "query/block_condition.h"
#include "query/block_phrase.h"
#include "query/block_text.h"
#include "query/block_value.h"
#include "query/condition.h"
#include "query/template_lines.h"
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
    HasRegex(Regex regex, bool ignore_case, BlockConditionPtr needed)
        : regex_(std::move(regex)), needed_(std::move(needed)) {
        if (regex_.head().empty()) return;
        const Letters letters = ignore_case ? Letters::regex_case : Letters::exact;
        const std::string head = ignore_case ? to_lower(regex_.head()) : regex_.head();
        head_in_constant_.emplace(head, Needle::Form{ignore_case, false, false});
        head_in_value_.emplace(head, false, false, letters, ValueTest::Word{});
    }
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        NM_ASSIGN(Bounds bounds, needed_->in(block, number, within));
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
        if (regex_.matches(part)) return Bounds::always(true);
        bounds.maybe.intersect(within, block.made(number).lines);
        return behind_head(block, number, text, std::move(bounds));
    }
    Result<bool> may_hold(BlockWords& block) const override { return needed_->may_hold(block); }
    unsigned cost() const override { return cost::kRegex; }

  private:
    bool head_may_be_in(std::string_view constant) const {
        return head_in_constant_->find(constant) != Needle::kNone || has_regex_case(constant);
    }

    // The first variable that a match, or the constant where one may begin, stands before; nullopt: none may
    // begin anywhere. The head is within one word, and a word is a variable or within a constant.
    std::optional<std::size_t> first_piece(BlockWords& block, TemplateText& text) const {
        for (std::size_t i = 0; i < text.variables(); ++i) {
            if (head_may_be_in(text.constant(i)) || head_in_value_->may_be_one_of(block, text.variable(i)))
                return i;
        }
        if (head_may_be_in(text.constant(text.variables()))) return text.variables();
        return std::nullopt;
    }

    // Where columns stand before every match, which are often times, a look at the rest of the lines is so
    // cheap that it is not left to others.
    Result<Bounds> behind_head(BlockWords& block, std::size_t number, TemplateText& text,
                               Bounds bounds) const {
        if (!head_in_value_) return bounds;
        const std::optional<std::size_t> first = first_piece(block, text);
        if (!first) return Bounds::always(false);
        bool saves = false;
        for (std::size_t i = 0; i < *first && !saves; ++i) saves = !text.variable(i).single;
        if (!saves) return bounds;
        const std::size_t lines = block.made(number).lines;
        NM_ASSIGN(auto rests, TemplateLines::open(block.reader(), number, *first));
        RankSet matching = RankSet::of_size(lines);
        Line line;
        Result<void> put;
        bounds.maybe.for_each(lines, [&](std::size_t rank) {
            if (put.ok()) put = rests.put(rank, line);
            if (put.ok() && regex_.matches(line.text)) matching.add(rank);
        });
        NM_TRY(put);
        matching.settle(lines);
        return Bounds::exactly(std::move(matching));
    }

    Regex regex_;
    BlockConditionPtr needed_;
    // Of the expression's head, if it has one.
    std::optional<Needle> head_in_constant_;
    std::optional<ValueTest> head_in_value_;
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
    // Kept beside the matcher's own, so with little memory.
    NM_ASSIGN(Regex compiled, Regex::compile(filter.text, filter.ignore_case, kMinRegexMemory));
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
    if (!compiled.matches_parts()) return needed;
    return BlockConditionPtr(
        std::make_unique<HasRegex>(std::move(compiled), filter.ignore_case, std::move(needed)));
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
