#include "query/series_block.h"

#include <algorithm>
#include <string>

#include "query/histogram_step.h"

namespace nmstore::query {
namespace {

// The first of [begin, end) whose time is not before `time_ms`; soon if it is near.
std::size_t first_from(const std::vector<std::int64_t>& times, std::size_t begin, std::size_t end,
                       std::int64_t time_ms) {
    std::size_t width = 1;
    while (begin + width < end && times[begin + width] < time_ms) {
        begin += width;
        width *= 2;
    }
    const auto first = times.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = times.begin() + static_cast<std::ptrdiff_t>(std::min(begin + width, end));
    return static_cast<std::size_t>(std::lower_bound(first, last, time_ms) - times.begin());
}

}  // namespace

void SeriesBlock::divide_step(const std::vector<std::uint32_t>& numbers, Range lines, std::int64_t start_ms) {
    touched_.clear();
    for (std::size_t at = lines.begin; at < lines.end; ++at) {
        const std::uint32_t made = numbers[at];
        if (counts_[made]++ == begins_[made]) touched_.push_back(made);
    }
    for (const std::uint32_t made : touched_) {
        parts_.push_back({made, start_ms, {begins_[made], counts_[made]}});
        begins_[made] = counts_[made];
    }
}

// Takes the lines apart by step and template.
Result<void> SeriesBlock::divide(block::BlockReader& block, const std::vector<std::int64_t>& times,
                                 Range lines, std::int64_t step_ms) {
    parts_.clear();
    const bool one = block.templates().size() == 1;
    const std::vector<std::uint32_t>* numbers = nullptr;
    if (!one) {
        NM_ASSIGN(numbers, block.numbers());
        counts_.assign(block.templates().size(), 0);
        for (std::size_t at = 0; at < lines.begin; ++at) ++counts_[(*numbers)[at]];
        begins_ = counts_;
    }
    while (lines.begin < lines.end) {
        const std::int64_t start_ms = bucket_start(times[lines.begin], step_ms);
        const std::size_t next = start_ms > INT64_MAX - step_ms
                                     ? lines.end
                                     : first_from(times, lines.begin, lines.end, start_ms + step_ms);
        if (one) {
            parts_.push_back({0, start_ms, {lines.begin, next}});
        } else {
            divide_step(*numbers, {lines.begin, next}, start_ms);
        }
        lines.begin = next;
    }
    if (!one)
        std::stable_sort(parts_.begin(), parts_.end(),
                         [](const Part& a, const Part& b) { return a.made < b.made; });
    return {};
}

Result<void> SeriesBlock::add_columns(block::BlockReader& block, const ReadingParts& field, std::size_t lines,
                                      Range parts, SeriesTotals& totals) {
    FieldTotals* steps = nullptr;
    NM_TRY(columns_.read(block, field, lines));
    for (std::size_t i = parts.begin; i < parts.end; ++i) {
        const Part& part = parts_[i];
        if (!columns_.any(part.ranks.begin, part.ranks.end)) continue;
        if (steps == nullptr) steps = totals.field(field.field);
        columns_.add_to(totals.step(*steps, part.start_ms), part.ranks.begin, part.ranks.end);
    }
    return {};
}

Result<void> SeriesBlock::add_lines(block::BlockReader& block, Range lines, SeriesTotals& totals) {
    NM_ASSIGN(const std::vector<std::uint32_t>* numbers, block.numbers());
    for (std::size_t at = lines.begin; at < lines.end; ++at) {
        if (!by_line_[(*numbers)[at]]) continue;
        NM_ASSIGN(const block::BlockLine line, block.line(at));
        totals.add_value(line.time_ms, line.text);
    }
    return {};
}

Result<void> SeriesBlock::add(block::BlockReader& block, SeriesTotals& totals) {
    SeriesWork& work = totals.work();
    NM_TRY(block.read_directory());
    NM_ASSIGN(const std::vector<std::int64_t>* times, block.times());
    const Range lines{first_from(*times, 0, times->size(), work.from_ms),
                      first_from(*times, 0, times->size(), work.to_ms)};
    if (lines.begin >= lines.end) return {};
    work.readings.fetch_add(lines.end - lines.begin, std::memory_order_relaxed);
    NM_TRY(divide(block, *times, lines, work.step_ms));
    by_line_.assign(block.templates().size(), false);
    bool any_by_line = false;
    for (Range parts{0, 0}; parts.begin < parts_.size(); parts.begin = parts.end) {
        const std::uint32_t made = parts_[parts.begin].made;
        while (parts.end < parts_.size() && parts_[parts.end].made == made) ++parts.end;
        template_.scan(block.templates()[made], block.constants(made));
        any_by_line = any_by_line || template_.by_line();
        by_line_[made] = template_.by_line();
        for (const ReadingParts& field : template_.fields()) {
            if (!work.fields.has(field.field)) continue;
            NM_TRY(add_columns(block, field, block.templates()[made].lines, parts, totals));
        }
    }
    return any_by_line ? add_lines(block, lines, totals) : Result<void>();
}

}  // namespace nmstore::query
