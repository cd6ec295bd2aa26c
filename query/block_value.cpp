#include "query/block_value.h"

#include <algorithm>

#include "nmstore/words.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

// Fewer than one rank of so many are asked one by one.
constexpr std::size_t kFewOf = 16;

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

}  // namespace

bool has_regex_case(std::string_view text) {
    return text.find("\xE2\x84\xAA") != std::string_view::npos ||
           text.find("\xC5\xBF") != std::string_view::npos;
}

ValueTest::ValueTest(std::string text, bool from_start, bool to_end, Letters letters,
                     std::optional<std::size_t> word)
    : text_(std::move(text)),
      from_start_(from_start),
      to_end_(to_end),
      letters_(letters),
      word_(word),
      classes_(classes_of(text_)),
      inside_(text_, {letters != Letters::exact, false, false}) {}

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
    // The other case of a letter beyond ASCII may have another size, and may be an ASCII one.
    if (letters_ != Letters::exact && (column.classes & block::kBeyondAscii) != 0) return true;
    if (text_.size() > column.longest) return false;
    if (from_start_ && to_end_ && text_.size() < column.shortest) return false;
    const bool capitals = letters_ != Letters::exact && (column.classes & block::kUpperLetters) != 0;
    const unsigned has = column.classes | (capitals ? block::kHexLetters | block::kLowerLetters : 0U);
    return (classes_ & ~has) == 0;
}

bool ValueTest::may_be_one_of(BlockWords& block, const block::Template::Variable& variable) const {
    if (variable.single) return holds(variable.value);
    const block::ColumnSummary& column = block.reader().summary(variable.column);
    if (word_) return column.may_hold(block.word(*word_));
    return may_be_in(column);
}

Result<bool> ValueTest::may_hold(BlockWords& block, const block::Template::Variable& variable) const {
    if (!may_be_one_of(block, variable)) return false;
    if (variable.single || !word_) return true;
    return block.may_be_anywhere(*word_);
}

// By the places of the text among all values; not for values that have letters beyond ASCII.
RankSet ValueTest::find_in(const block::ColumnValues& values) const {
    RankSet found = RankSet::of_size(values.size());
    const std::string_view all = values.all();
    std::size_t rank = 0;
    for (std::size_t at = inside_.find(all); at != Needle::kNone;) {
        while (values.end_of(rank) <= at) ++rank;
        const std::size_t end = values.end_of(rank);
        const bool holds_here = holds_as_it_is(values[rank]);
        if (holds_here) found.add(rank);
        at = inside_.find(all, holds_here || end - at < text_.size() ? std::max(end, at + 1) : at + 1);
    }
    return found;
}

Result<void> ValueTest::narrow(BlockWords& block, const block::Template::Variable& variable,
                               std::size_t lines, RankSet& ranks) const {
    if (variable.single) {
        if (!holds(variable.value)) ranks = RankSet::none();
        return {};
    }
    const block::ColumnSummary& column = block.reader().summary(variable.column);
    if (!may_be_one_of(block, variable)) {
        ranks = RankSet::none();
        return {};
    }
    RankSet left = RankSet::of_size(lines);
    if (word_ && column.number) {
        NM_ASSIGN(const auto* numbers, block.reader().column_numbers(variable.column));
        const std::uint64_t number = block.word(*word_).number;
        ranks.for_each(lines, [&](std::size_t rank) {
            if ((*numbers)[rank] == number) left.add(rank);
        });
    } else {
        NM_ASSIGN(const auto* values, block.reader().column(variable.column));
        const bool any_bytes = letters_ != Letters::exact && (column.classes & block::kBeyondAscii) != 0;
        if (!any_bytes && !(from_start_ && to_end_) && ranks.count(lines) * kFewOf > lines) {
            left = find_in(*values);
            left.settle(lines);
            left.intersect(ranks, lines);
        } else {
            ranks.for_each(lines, [&](std::size_t rank) {
                if (holds((*values)[rank])) left.add(rank);
            });
        }
    }
    left.settle(lines);
    ranks = std::move(left);
    return {};
}

}  // namespace nmstore::query
