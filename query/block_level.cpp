#include "query/block_level.h"

#include <vector>

#include "nmstore/words.h"
#include "query/level.h"

namespace nmstore::query {
namespace {

struct Place {
    std::size_t number;    // of the template
    std::size_t constant;  // in which the word is
    std::size_t end;       // of the word there
};

// The level of the first word that names one; `end`: behind it.
std::string_view first_level(std::string_view constant, std::size_t& end) {
    WordScanner scanner(constant);
    for (WordAt at; scanner.next(at);) {
        end = at.end;
        const auto level = level_of_word(constant.substr(at.begin, at.end - at.begin));
        if (!level.empty()) return level;
    }
    return {};
}

// The lines whose word ends near enough to their beginning.
Result<RankSet> within_window(block::BlockReader& block, TemplateText& text, const Place& place,
                              const RankSet& within) {
    std::size_t fixed = place.end;
    std::size_t shortest = 0, longest = 0;
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < place.constant; ++i) {
        fixed += text.constant(i).size();
        const auto& variable = text.variable(i);
        if (variable.single) {
            fixed += variable.value.size();
            continue;
        }
        shortest += block.summary(variable.column).shortest;
        longest += block.summary(variable.column).longest;
        columns.push_back(variable.column);
    }
    if (fixed + shortest > kLevelWindowBytes) return RankSet::none();
    if (fixed + longest <= kLevelWindowBytes) return RankSet::all();
    std::vector<const block::ColumnValues*> values;
    for (const std::size_t column : columns) {
        NM_ASSIGN(values.emplace_back(), block.column(column));
    }
    const std::size_t lines = block.templates()[place.number].lines;
    RankSet inside = RankSet::of_size(lines);
    within.for_each(lines, [&](std::size_t rank) {
        std::size_t end = fixed;
        for (const auto* of_column : values) end += (*of_column)[rank].size();
        if (end <= kLevelWindowBytes) inside.add(rank);
    });
    inside.settle(lines);
    return inside;
}

}  // namespace

// A text with fields has one of these signs.
bool may_have_fields(const block::Template& made) {
    return made.fields || made.plain || made.pattern.find_first_of("={") != std::string_view::npos;
}

Result<TemplateLevel> level_in(block::BlockReader& block, std::size_t number, const RankSet& within) {
    TemplateLevel found;
    if (may_have_fields(block.templates()[number])) return found;
    found.told = true;
    TemplateText text(block, number);
    for (std::size_t i = 0; i <= text.variables(); ++i) {
        std::size_t end = 0;
        found.level = first_level(text.constant(i), end);
        if (found.level.empty()) continue;
        NM_ASSIGN(found.lines, within_window(block, text, {number, i, end}, within));
        if (found.lines.is_none()) found.level = {};
        break;
    }
    return found;
}

}  // namespace nmstore::query
