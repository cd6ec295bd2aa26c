#include "query/block_words.h"

#include <algorithm>

namespace nmstore::query {

std::size_t PlanWords::number_of(const std::string& word) {
    const auto at = std::find(words_.begin(), words_.end(), word);
    if (at != words_.end()) return static_cast<std::size_t>(at - words_.begin());
    words_.push_back(word);
    sought_.emplace_back(word);
    return words_.size() - 1;
}

Result<bool> BlockWords::may_be_anywhere(std::size_t word) {
    Known& known = known_[word];
    if (known == Known::nothing) {
        NM_ASSIGN(const bool may_have, reader_.may_have_word(words_[word]));
        known = may_have ? Known::yes : Known::no;
    }
    return known == Known::yes;
}

Result<bool> BlockWords::may_be_in_column(std::size_t word, std::size_t column) {
    if (!reader_.summary(column).may_hold(words_[word])) return false;
    return may_be_anywhere(word);
}

}  // namespace nmstore::query
