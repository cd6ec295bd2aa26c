#include "engine/block/split_lines.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/block/text_hash.h"

namespace nmstore::block {

SplitLines::SplitLines() : slots_(kFirstSlots), seed_(text_hash_seed()) {}

void SplitLines::add(std::string_view text, bool fields, std::int64_t time_ms) {
    bool plain = !splitter_.split(text);
    const std::uint32_t at = template_of(splitter_.pattern(), fields, plain, splitter_.variables().size());
    WrittenTemplate& made = templates_[at];
    plain = made.plain;
    made.times_ms.push_back(time_ms);
    of_line_.push_back(at);
    if (plain) {
        made.values.push_back(table_.add(text));
        ++values_;
        return;
    }
    values_ += splitter_.variables().size();
    table_.add_all(splitter_.variables(), made.values);
}

// Where it stands, or is to stand.
std::size_t SplitLines::find_slot(std::string_view pattern, bool fields, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash >> 32) & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
        const WrittenTemplate& known = templates_[slots_[at] - 1];
        if (known.hash == hash && known.fields == fields && known.pattern == pattern) break;
    }
    return at;
}

// Its place; of a new one where there is room for it, else that of plain lines.
std::uint32_t SplitLines::template_of(std::string_view pattern, bool fields, bool plain,
                                      std::size_t variables) {
    if (plain) pattern = kPlainPattern;
    const std::uint64_t hash = text_hash(pattern, seed_ + (fields ? 1 : 0));
    const std::size_t slot = find_slot(pattern, fields, hash);
    if (slots_[slot] != 0) return slots_[slot] - 1;
    if (!plain && templates_.size() >= kMaxTemplates) return template_of({}, fields, true, 1);
    WrittenTemplate& made = templates_.emplace_back();
    made.pattern = pattern;
    made.hash = hash;
    made.fields = fields;
    made.plain = plain;
    made.columns.resize(plain ? 1 : variables);
    const auto place = static_cast<std::uint32_t>(templates_.size() - 1);
    slots_[slot] = place + 1;
    if (templates_.size() * 2 > slots_.size()) grow();
    return place;
}

void SplitLines::grow() {
    slots_.assign(slots_.size() * 4, 0);
    for (std::uint32_t place = 0; place < templates_.size(); ++place) {
        const WrittenTemplate& made = templates_[place];
        slots_[find_slot(made.pattern, made.fields, made.hash)] = place + 1;
    }
}

void SplitLines::close() {
    number_templates();
    distinct_.reserve(values_);
    counts_.reserve(values_);
    seen_.assign(table_.size(), {});
    for (WrittenTemplate& made : templates_) make_columns(made);
}

void SplitLines::number_templates() {
    order_.resize(templates_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
        if (templates_[a].plain != templates_[b].plain) return templates_[b].plain;
        return templates_[a].lines() > templates_[b].lines();
    });
    for (std::size_t i = 0; i < order_.size(); ++i) templates_[order_[i]].number = i;
}

void SplitLines::make_columns(WrittenTemplate& made) {
    const std::size_t columns = made.columns.size();
    const std::size_t lines = made.lines();
    turned_.resize(made.values.size());
    for (std::size_t i = 0, at = 0; i < lines; ++i) {
        for (std::size_t c = 0; c < columns; ++c) turned_[c * lines + i] = made.values[at++];
    }
    made.values.assign(turned_.begin(), turned_.end());
    for (std::size_t c = 0; c < columns; ++c) {
        WrittenColumn& column = made.columns[c];
        find_distinct(std::span(made.values).subspan(c * lines, lines), column);
        if (!column.is_single()) column.summary = summarise(table_, column.distinct);
    }
}

// Puts the place among the distinct values where the value's number is.
void SplitLines::find_distinct(std::span<std::uint32_t> values, WrittenColumn& column) {
    const std::size_t begin = distinct_.size();
    ++columns_;
    for (std::uint32_t& value : values) {
        Seen& seen = seen_[value];
        if (seen.column != columns_) {
            seen = {columns_, static_cast<std::uint32_t>(distinct_.size() - begin)};
            distinct_.push_back(value);
            counts_.push_back(0);
        }
        value = seen.place;
        ++counts_[begin + seen.place];
    }
    column.places = values;
    column.distinct = std::span<const std::uint32_t>(distinct_).subspan(begin);
    column.counts = std::span<const std::uint32_t>(counts_).subspan(begin);
}

std::vector<std::uint64_t> SplitLines::numbers() const {
    std::vector<std::uint64_t> numbers(of_line_.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = templates_[of_line_[i]].number;
    return numbers;
}

}  // namespace nmstore::block
