#include "query/standing_words.h"

#include <algorithm>

#include "nmstore/words.h"
#include "query/source.h"

namespace nmstore::query {
namespace {

// The longest whole word of a text that a line must have: what is rare is long more often than not. Where the
// text's first or last word may go on in the line it is none of the line's.
std::optional<RequiredWords> longest_word(std::string_view text, bool first_is_whole, bool last_is_whole) {
    std::string_view longest;
    WordScanner words(text);
    for (WordAt word; words.next(word);) {
        if (word.begin == 0 && !first_is_whole) continue;
        if (word.end == text.size() && !last_is_whole) continue;
        if (word.end - word.begin > longest.size()) longest = text.substr(word.begin, word.end - word.begin);
    }
    if (longest.empty()) return std::nullopt;
    return RequiredWords{{to_lower(longest)}, {}};
}

std::optional<RequiredWords> of_level(const Filter& filter) {
    if (filter.source != Source::level || filter.text.find_first_of("*?") != std::string::npos)
        return std::nullopt;
    const auto level = normal_source_operand(Source::level, filter.text);
    if (!level || level->empty()) return std::nullopt;
    return RequiredWords{{}, {*level}};
}

std::size_t cost(const RequiredWords& required) {
    return required.words.size() + 4 * required.levels.size();  // levels are common
}

std::optional<RequiredWords> of_all(const Filter& filter) {
    std::optional<RequiredWords> best;
    for (const FilterPtr& child : filter.children) {
        auto required = required_words(*child);
        if (required && (!best || cost(*required) < cost(*best))) best = std::move(required);
    }
    return best;
}

std::optional<RequiredWords> of_any(const Filter& filter) {
    RequiredWords all;
    for (const FilterPtr& child : filter.children) {
        auto required = required_words(*child);
        if (!required) return std::nullopt;
        all.words.insert(all.words.end(), required->words.begin(), required->words.end());
        all.levels.insert(all.levels.end(), required->levels.begin(), required->levels.end());
    }
    return all;
}

}  // namespace

std::optional<RequiredWords> required_words(const Filter& filter) {
    switch (filter.kind) {
        case FilterKind::word:
        case FilterKind::exact:
            return longest_word(filter.text, true, true);
        case FilterKind::prefix:
            return longest_word(filter.text, true, false);
        case FilterKind::suffix:
            return longest_word(filter.text, false, true);
        case FilterKind::substring:
            return longest_word(filter.text, false, false);
        case FilterKind::source:
            return of_level(filter);
        case FilterKind::both:
            return of_all(filter);
        case FilterKind::either:
            return of_any(filter);
        default:
            return std::nullopt;
    }
}

}  // namespace nmstore::query
