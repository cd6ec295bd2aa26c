#include "query/block_plan.h"

#include <algorithm>

#include "query/template_lines.h"

namespace nmstore::query {

bool BlockLines::none() const {
    return std::all_of(templates_.begin(), templates_.end(), [](const OfTemplate& lines) {
        return lines.matching.is_none() && lines.open.is_none();
    });
}

bool BlockLines::decided() const {
    return std::all_of(templates_.begin(), templates_.end(),
                       [](const OfTemplate& lines) { return lines.open.is_none(); });
}

std::size_t BlockLines::count(const block::BlockReader& block) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < templates_.size(); ++i)
        count += templates_[i].matching.count(block.templates()[i].lines);
    return count;
}

Result<std::unique_ptr<BlockPlan>> BlockPlan::make(const Filter& filter, const ClientNames& names,
                                                   const IsGone& gone) {
    std::unique_ptr<BlockPlan> plan(new BlockPlan());
    NM_ASSIGN(plan->condition_, plan->make_condition(filter, names, gone));
    return plan;
}

Result<BlockConditionPtr> BlockPlan::make_condition(const Filter& filter, const ClientNames& names,
                                                    const IsGone& gone) {
    if (filter.kind == FilterKind::regex && gone && gone())
        return Error{Code::cancelled, "the query was cancelled"};
    switch (filter.kind) {
        case FilterKind::all:
            return make_block_constant(true);
        case FilterKind::source: {
            if (filter.source == Source::level) return make_block_level(filter);
            NM_ASSIGN(auto matcher, compile(filter, names));
            sources_.push_back(std::move(matcher));
            return make_block_source(sources_.size() - 1);
        }
        case FilterKind::field:
            return make_block_field(filter);
        case FilterKind::both:
        case FilterKind::either:
        case FilterKind::negation:
            break;
        default:
            return make_block_text(filter, words_);
    }
    std::vector<BlockConditionPtr> parts;
    for (const auto& child : filter.children) {
        NM_ASSIGN(auto part, make_condition(*child, names, gone));
        parts.push_back(std::move(part));
    }
    if (filter.kind == FilterKind::negation) return make_block_negation(std::move(parts.front()));
    if (filter.kind == FilterKind::both) return make_block_both(std::move(parts));
    return make_block_either(std::move(parts));
}

std::vector<bool> BlockPlan::sources_of(const LogRow& row) const {
    std::vector<bool> of_row;
    for (const auto& source : sources_) of_row.push_back(source->may_match(row));
    return of_row;
}

Result<bool> BlockPlan::may_match(block::BlockReader& block, const LogRow& row) const {
    BlockWords words(block, words_, sources_of(row));
    return condition_->may_hold(words);
}

Result<BlockLines> BlockPlan::lines(block::BlockReader& block, const LogRow& row) const {
    BlockWords words(block, words_, sources_of(row));
    std::vector<BlockLines::OfTemplate> found;
    found.reserve(block.templates().size());
    for (std::size_t i = 0; i < block.templates().size(); ++i) {
        NM_ASSIGN(Bounds bounds, condition_->in(words, i, RankSet::all()));
        bounds.maybe.subtract(bounds.sure, block.templates()[i].lines);
        found.push_back({std::move(bounds.sure), std::move(bounds.maybe)});
    }
    return BlockLines(std::move(found));
}

Result<void> BlockPlan::decide(block::BlockReader& block, const LogRow& row, const Matcher& matcher,
                               BlockLines& lines) const {
    for (std::size_t i = 0; i < block.templates().size(); ++i) {
        BlockLines::OfTemplate& of = lines[i];
        if (of.open.is_none()) continue;
        const std::size_t size = block.templates()[i].lines;
        NM_ASSIGN(auto texts, TemplateLines::open(block, i));
        RankSet matching = RankSet::of_size(size);
        Line line;
        line.row = &row;
        Result<void> put;
        of.open.for_each(size, [&](std::size_t rank) {
            if (put.ok()) put = texts.put(rank, line);
            if (put.ok() && matcher.matches(line)) matching.add(rank);
        });
        NM_TRY(put);
        matching.settle(size);
        of.matching.unite(matching, size);
        of.open = RankSet::none();
    }
    return {};
}

Result<Line> block_line(block::BlockReader& block, const LogRow& row, std::size_t at) {
    NM_ASSIGN(const block::BlockLine line, block.line(at));
    return Line{{line.time_ms, row.id, line.sequence, line.line}, &row, line.text, line.fields};
}

}  // namespace nmstore::query
