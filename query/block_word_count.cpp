#include "query/block_word_count.h"

#include <array>

#include "nmstore/words.h"

namespace nmstore::query {
namespace {

constexpr std::uint32_t kUnknown = UINT32_MAX;
// A column of numbers that are this near to each other has a table of their words.
constexpr std::uint64_t kNear = 4096;
constexpr std::size_t kMaxDigits = 18;

constexpr auto kPowers = [] {
    std::array<std::uint64_t, kMaxDigits + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

}  // namespace

std::uint32_t BlockWordCount::place_of_number(std::uint64_t number) {
    const auto [at, added] = numbers_.try_emplace(number, static_cast<std::uint32_t>(words_.size()));
    if (added) words_.emplace_back();
    return at->second;
}

// `width`: as in NumberRange.
std::uint32_t BlockWordCount::place_of_number(std::uint64_t number, std::uint32_t width) {
    if (width <= 1 || width > kMaxDigits || number >= kPowers[width - 1]) return place_of_number(number);
    const std::string digits = std::to_string(number);
    return place_of_lower(std::string(width - std::min<std::size_t>(width, digits.size()), '0') + digits);
}

std::uint32_t BlockWordCount::place_of_lower(std::string_view word) {
    const bool plain = !word.empty() && word.size() <= kMaxDigits && (word[0] != '0' || word.size() == 1) &&
                       word.find_first_not_of("0123456789") == std::string_view::npos;
    if (plain) {
        std::uint64_t number = 0;
        for (const char digit : word) number = number * 10 + static_cast<std::uint64_t>(digit - '0');
        return place_of_number(number);
    }
    const auto known = texts_.find(word);
    if (known != texts_.end()) return known->second;
    const auto place = static_cast<std::uint32_t>(words_.size());
    words_.emplace_back();
    texts_.emplace(word, place);
    return place;
}

std::uint32_t BlockWordCount::place_of_text(std::string_view text) {
    lower_.clear();
    append_lower(text, lower_);
    return place_of_lower(lower_);
}

// The words of what all the lines have.
void BlockWordCount::add_to_all(std::string_view text, std::uint32_t number, std::uint64_t lines) {
    std::string lower;
    append_lower(text, lower);
    WordScanner scanner(lower);
    for (WordAt at; scanner.next(at);) {
        Word& word = words_[place_of_lower(std::string_view(lower).substr(at.begin, at.end - at.begin))];
        if (word.last_template == number) continue;
        word.last_template = number;
        word.count += lines;
    }
}

// By line.
Result<BlockWordCount::Places> BlockWordCount::words_of(block::BlockReader& block, std::size_t column,
                                                        std::size_t lines) {
    NM_TRY(block.column_form(column, form_));
    form_.unpack_places();
    const block::StoredValues& values = form_.values;
    Places places(values.size());
    if (values.number) {
        const block::NumberRange& range = block.summary(column).range;
        const bool near = block.summary(column).number && range.greatest - range.least < kNear;
        Places known(near ? range.greatest - range.least + 1 : 0, kUnknown);
        for (std::size_t i = 0; i < places.size(); ++i) {
            const std::uint64_t offset = values.numbers[i] - range.least;
            if (offset >= known.size()) {
                places[i] = place_of_number(values.numbers[i], values.width);
                continue;
            }
            if (known[offset] == kUnknown) known[offset] = place_of_number(values.numbers[i], values.width);
            places[i] = known[offset];
        }
    } else {
        for (std::size_t i = 0; i < places.size(); ++i) places[i] = place_of_text(values.text(i));
    }
    if (form_.lines == block::ColumnForm::Lines::in_order) return places;
    Places of_lines(lines);
    if (form_.lines == block::ColumnForm::Lines::by_place) {
        for (std::size_t i = 0; i < lines; ++i) of_lines[i] = places[form_.places[i]];
        return of_lines;
    }
    NM_ASSIGN(const auto* shared, block.shared_values());
    const std::size_t numbers = shared->numbers.size();
    std::size_t next = 0;
    for (std::size_t i = 0; i < lines; ++i) {
        const std::uint32_t place = form_.places[i];
        of_lines[i] = place == 0         ? places[next++]
                      : place <= numbers ? place_of_number(shared->numbers.numbers[place - 1])
                                         : place_of_text(shared->texts.text(place - 1 - numbers));
    }
    return of_lines;
}

Result<void> BlockWordCount::add_plain(block::BlockReader& block, std::size_t number, const RankSet& lines) {
    const block::Template& made = block.templates()[number];
    const auto& variable = made.variables.front();
    const block::ColumnValues* values = nullptr;
    if (!variable.single) {
        NM_ASSIGN(values, block.column(variable.column));
    }
    std::string lower;
    lines.for_each(made.lines, [&](std::size_t rank) {
        ++line_;
        lower.clear();
        append_lower(plain_text(variable.single ? variable.value : (*values)[rank], made.fields), lower);
        WordScanner scanner(lower);
        for (WordAt at; scanner.next(at);) {
            Word& word = words_[place_of_lower(std::string_view(lower).substr(at.begin, at.end - at.begin))];
            if (word.last_line == line_) continue;
            word.last_line = line_;
            ++word.count;
        }
    });
    return {};
}

Result<void> BlockWordCount::add_template(block::BlockReader& block, std::size_t number,
                                          const RankSet& lines) {
    const block::Template& made = block.templates()[number];
    if (made.plain) return add_plain(block, number, lines);
    const std::uint32_t stamp = ++templates_;
    const std::uint64_t count = lines.count(made.lines);
    TemplateText text(block, number);
    std::vector<Places> columns;
    for (std::size_t i = 0; i <= text.variables(); ++i) {
        add_to_all(text.constant(i), stamp, count);
        if (i == text.variables()) break;
        const auto& variable = text.variable(i);
        if (variable.single) {
            add_to_all(variable.value, stamp, count);
        } else {
            NM_ASSIGN(columns.emplace_back(), words_of(block, variable.column, made.lines));
        }
    }
    lines.for_each(made.lines, [&](std::size_t rank) {
        ++line_;
        for (const Places& column : columns) {
            Word& word = words_[column[rank]];
            if (word.last_line == line_ || word.last_template == stamp) continue;
            word.last_line = line_;
            ++word.count;
        }
    });
    return {};
}

Result<void> BlockWordCount::add(block::BlockReader& block, const BlockLines& lines) {
    for (std::size_t i = 0; i < block.templates().size(); ++i) {
        if (lines[i].matching.is_none()) continue;
        lines_ += lines[i].matching.count(block.templates()[i].lines);
        NM_TRY(add_template(block, i, lines[i].matching));
    }
    return {};
}

void BlockWordCount::for_each(
    const std::function<void(std::string_view word, std::uint64_t count)>& each) const {
    const auto give = [&](std::string_view word, std::uint32_t place) {
        if (words_[place].count != 0) each(word, words_[place].count);
    };
    for (const auto& [number, place] : numbers_) give(std::to_string(number), place);
    for (const auto& [text, place] : texts_) give(text, place);
}

}  // namespace nmstore::query
