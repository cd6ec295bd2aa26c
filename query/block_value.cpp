#include "query/block_value.h"

#include <algorithm>

#include "nmstore/words.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

std::uint8_t classes_of(std::string_view text) {
    unsigned classes = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') classes |= block::kDigits;
        if (c >= 'a' && c <= 'f') classes |= block::kHexLetters;
        if (c >= 'g' && c <= 'z') classes |= block::kLowerLetters;
        if (c >= 'A' && c <= 'Z') classes |= block::kUpperLetters;
        if (static_cast<unsigned char>(c) >= 0x80) classes |= block::kBeyondAscii;
    }
    return static_cast<std::uint8_t>(classes);
}

// `text` is lower-cased: only ASCII capitals of `value` are taken as equal.
bool same_letters(std::string_view value, std::string_view text, bool exact) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = value[i];
        if (!exact && c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
        if (c != text[i]) return false;
    }
    return true;
}

// Whether a line has one of these. So many of them are looked for one by one, before all lines are.
constexpr std::size_t kFewHits = 8;
bool has_any(const block::ColumnForm& form, const SharedHits& hits) {
    if (hits.places.size() > kFewHits) return true;
    return std::any_of(hits.places.begin(), hits.places.end(),
                       [&](std::uint32_t place) { return form.has_place(place + 1); });
}

}  // namespace

bool has_regex_case(std::string_view text) {
    return text.find("\xE2\x84\xAA") != std::string_view::npos ||
           text.find("\xC5\xBF") != std::string_view::npos;
}

ValueTest::ValueTest(std::string text, bool from_start, bool to_end, Letters letters, Word word)
    : text_(std::move(text)),
      from_start_(from_start),
      to_end_(to_end),
      letters_(letters),
      word_(word),
      classes_(classes_of(text_)),
      inside_(text_, {letters != Letters::exact, false, false}) {
    if (classes_ == block::kDigits) digits_.emplace(text_, from_start_, to_end_);
}

bool ValueTest::holds_as_it_is(std::string_view value) const {
    if (value.size() < text_.size() || (from_start_ && to_end_ && value.size() != text_.size())) return false;
    const bool exact = letters_ == Letters::exact;
    if (from_start_) return same_letters(value, text_, exact);
    if (to_end_) return same_letters(value.substr(value.size() - text_.size()), text_, exact);
    return inside_.find(value) != Needle::kNone;
}

bool ValueTest::holds(std::string_view value) const {
    if (holds_as_it_is(value)) return true;
    if (letters_ == Letters::exact || is_ascii(value)) return false;
    if (letters_ == Letters::regex_case && has_regex_case(value)) return true;
    return holds_as_it_is(to_lower(value));
}

bool ValueTest::may_be_in(const block::ColumnSummary& column) const {
    if (column.number) return digits_ && digits_->may_be_in(column.range);
    // The other case of a letter beyond ASCII may have another size, and may be an ASCII one.
    if (letters_ != Letters::exact && (column.classes & block::kBeyondAscii) != 0) return true;
    if (text_.size() > column.longest) return false;
    if (from_start_ && to_end_ && text_.size() < column.shortest) return false;
    const bool capitals = letters_ != Letters::exact && (column.classes & block::kUpperLetters) != 0;
    const unsigned has = column.classes | (capitals ? block::kHexLetters | block::kLowerLetters : 0U);
    return (classes_ & ~has) == 0;
}

bool ValueTest::fills(const block::ColumnSummary& column) const {
    // Letters beyond ASCII may have another size in lower case.
    return column.longest == text_.size() &&
           (column.classes & (block::kBeyondAscii | block::kOtherBytes)) == 0;
}

bool ValueTest::may_be_one_of(BlockWords& block, const block::Template::Variable& variable) const {
    if (variable.single) return holds(variable.value);
    return may_be_one_of(block, block.reader().summary(variable.column));
}

bool ValueTest::may_be_one_of(BlockWords& block, const block::ColumnSummary& column) const {
    if (word_.whole && word_.number) return column.may_hold(block.word(*word_.number));
    return may_be_in(column);
}

Result<bool> ValueTest::may_hold(BlockWords& block, const block::Template::Variable& variable) const {
    if (variable.single) return holds(variable.value);
    const block::ColumnSummary column = block.reader().summary(variable.column);
    if (!may_be_one_of(block, column)) return false;
    if (!word_.number || (!word_.whole && !fills(column))) return true;
    return block.may_be_anywhere(*word_.number);
}

std::vector<std::uint32_t> ValueTest::find_in(const block::StoredValues& values, bool ascii) const {
    std::vector<std::uint32_t> found;
    if (values.number) {
        if (digits_) digits_->find(values.numbers, values.width, found);
        return found;
    }
    const bool as_they_are = ascii || letters_ == Letters::exact;
    if (!as_they_are || (from_start_ && to_end_)) {
        for (std::uint32_t i = 0; i < values.ends.size(); ++i)
            if (as_they_are ? holds_as_it_is(values.text(i)) : holds(values.text(i))) found.push_back(i);
        return found;
    }
    // By the places of the text among all values.
    const auto& ends = values.ends;
    auto value = ends.begin();
    for (std::size_t at = inside_.find(values.bytes); at != Needle::kNone;) {
        value = std::upper_bound(value, ends.end(), at);
        const std::size_t begin = value == ends.begin() ? 0 : *(value - 1);
        const std::size_t end = at + text_.size();
        const bool holds_here = end <= *value && (!from_start_ || at == begin) && (!to_end_ || end == *value);
        if (holds_here) found.push_back(static_cast<std::uint32_t>(value - ends.begin()));
        at = inside_.find(values.bytes, holds_here ? *value : at + 1);
    }
    return found;
}

Result<const SharedHits*> ValueTest::shared_hits(BlockWords& block) const {
    NM_ASSIGN(const auto* shared, block.reader().shared_values());
    SharedHits& hits = block.shared_hits(this);
    if (hits.known) return &hits;
    const std::size_t numbers = shared->numbers.size();
    const auto add = [&](std::size_t place) {
        hits.has.resize(shared->size());
        hits.has[place] = true;
        hits.places.push_back(static_cast<std::uint32_t>(place));
    };
    for (const std::uint32_t place : find_in(shared->numbers, true)) add(place);
    for (const std::uint32_t place : find_in(shared->texts, is_ascii(shared->texts.bytes)))
        add(numbers + place);
    hits.known = true;
    return &hits;
}

Result<void> ValueTest::narrow(BlockWords& block, const block::Template::Variable& variable,
                               std::size_t lines, RankSet& ranks) const {
    if (variable.single) {
        if (!holds(variable.value)) ranks = RankSet::none();
        return {};
    }
    block::ColumnForm& form = block.form();
    NM_TRY(block.reader().column_form(variable.column, form));
    const bool ascii =
        form.values.number || (block.reader().summary(variable.column).classes & block::kBeyondAscii) == 0;
    const std::vector<std::uint32_t> found = find_in(form.values, ascii);
    const SharedHits* shared = nullptr;
    if (form.lines == block::ColumnForm::Lines::shared) {
        NM_ASSIGN(shared, shared_hits(block));
    }
    if (found.empty() && (shared == nullptr || !has_any(form, *shared))) {
        ranks = RankSet::none();
        return {};
    }
    RankSet left = RankSet::of_size(lines);
    if (form.lines == block::ColumnForm::Lines::in_order) {
        for (const std::uint32_t rank : found) left.add(rank);
    } else {
        form.unpack_places();
        std::vector<bool> passes(form.values.size());
        for (const std::uint32_t value : found) passes[value] = true;
        std::size_t next = 0;
        for (std::size_t rank = 0; rank < lines; ++rank) {
            const std::uint32_t place = form.places[rank];
            const bool holds_here = shared == nullptr ? passes[place]
                                    : place == 0      ? passes[next++]
                                                      : shared->has_place(place - 1);
            if (holds_here) left.add(rank);
        }
    }
    left.settle(lines);
    left.intersect(ranks, lines);
    ranks = std::move(left);
    return {};
}

}  // namespace nmstore::query
