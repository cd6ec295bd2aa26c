#include "query/block_series.h"

#include "query/block_level.h"
#include "query/template_lines.h"

namespace nmstore::query {
namespace {

bool is_of_row(const std::string& by) {
    return by.empty() || by == "client" || by == "log" || by == "kind";
}

}  // namespace

std::string series_value(const Line& line, const std::string& by) {
    if (by.empty()) return {};
    if (by == "client") return line.row->client;
    if (by == "log") return line.row->log;
    if (by == "kind") return std::string(row_kind_name(line.row->kind));
    if (by == "level") return std::string(level_of(line));
    return field_of(line, by).value_or("");
}

std::uint32_t BlockSeries::place_of(const std::string& value) {
    const auto [at, added] = places_.try_emplace(value, static_cast<std::uint32_t>(values_.size()));
    if (added) values_.push_back(value);
    return at->second;
}

Result<BlockSeries> BlockSeries::of(block::BlockReader& block, const LogRow& row, const std::string& by,
                                    const BlockLines& lines) {
    BlockSeries series;
    if (is_of_row(by)) {
        Line line;
        line.row = &row;
        series.values_.push_back(series_value(line, by));
        return series;
    }
    for (std::size_t i = 0; i < block.templates().size(); ++i)
        NM_TRY(series.add_template(block, row, by, lines[i].matching));
    return series;
}

Result<void> BlockSeries::add_template(block::BlockReader& block, const LogRow& row, const std::string& by,
                                       const RankSet& lines) {
    const std::size_t number = templates_.size();
    OfTemplate& of = templates_.emplace_back();
    if (lines.is_none()) return {};
    if (may_have_fields(block.templates()[number])) return ask_lines(block, row, by, lines);
    of.of_others = place_of("");
    if (by != "level") return {};
    NM_ASSIGN(TemplateLevel told, level_in(block, number, lines));
    of.some = std::move(told.lines);
    of.of_some = place_of(std::string(told.level));
    return {};
}

// The template that was added last.
Result<void> BlockSeries::ask_lines(block::BlockReader& block, const LogRow& row, const std::string& by,
                                    const RankSet& lines) {
    const std::size_t number = templates_.size() - 1;
    const std::size_t size = block.templates()[number].lines;
    NM_ASSIGN(auto texts, TemplateLines::open(block, number));
    auto& each = templates_.back().each;
    each.resize(size);
    Line line;
    line.row = &row;
    Result<void> put;
    lines.for_each(size, [&](std::size_t rank) {
        if (put.ok()) put = texts.put(rank, line);
        if (put.ok()) each[rank] = place_of(series_value(line, by));
    });
    return put;
}

std::vector<std::uint64_t> BlockSeries::count(const block::BlockReader& block,
                                              const BlockLines& lines) const {
    if (templates_.empty()) return {lines.count(block)};
    std::vector<std::uint64_t> counts(values_.size());
    for (std::size_t i = 0; i < templates_.size(); ++i) {
        const RankSet& matching = lines[i].matching;
        if (matching.is_none()) continue;
        const std::size_t size = block.templates()[i].lines;
        const OfTemplate& of = templates_[i];
        if (!of.each.empty()) {
            matching.for_each(size, [&](std::size_t rank) { ++counts[of.each[rank]]; });
            continue;
        }
        RankSet some = of.some;
        some.intersect(matching, size);
        const std::size_t with = some.count(size);
        if (with != 0) counts[of.of_some] += with;
        counts[of.of_others] += matching.count(size) - with;
    }
    return counts;
}

}  // namespace nmstore::query
