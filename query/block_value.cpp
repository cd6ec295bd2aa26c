#include "query/block_value.h"

#include "nmstore/words.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

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

Result<bool> ValueTest::may_hold(BlockWords& block, const block::Template::Variable& variable) const {
    if (variable.single) return holds(variable.value);
    if (!word_) return true;
    return block.may_be_in_column(*word_, variable.column);
}

Result<void> ValueTest::narrow(BlockWords& block, const block::Template::Variable& variable,
                               std::size_t lines, RankSet& ranks) const {
    if (variable.single) {
        if (!holds(variable.value)) ranks = RankSet::none();
        return {};
    }
    NM_ASSIGN(const auto* values, block.reader().column(variable.column));
    RankSet left = RankSet::of_size(lines);
    ranks.for_each(lines, [&](std::size_t rank) {
        if (holds((*values)[rank])) left.add(rank);
    });
    left.settle(lines);
    ranks = std::move(left);
    return {};
}

}  // namespace nmstore::query
