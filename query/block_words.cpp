#include "query/block_words.h"

#include <algorithm>

namespace nmstore::query {

std::size_t PlanWords::number_of(const std::string& word) {
    const auto at = std::find(words_.begin(), words_.end(), word);
    if (at != words_.end()) return static_cast<std::size_t>(at - words_.begin());
    words_.push_back(word);
    return words_.size() - 1;
}

Result<bool> BlockWords::may_be_at(std::size_t word, std::size_t place) {
    Known& known = known_[word * places() + place];
    if (known == Known::nothing) {
        NM_ASSIGN(const bool may_have, reader_.may_have(block::word_key(words_[word], place)));
        known = may_have ? Known::yes : Known::no;
    }
    return known == Known::yes;
}

Result<bool> BlockWords::may_be_anywhere(std::size_t word) {
    for (std::size_t place = 0; place < places(); ++place) {
        NM_ASSIGN(const bool there, may_be_at(word, place));
        if (there) return true;
    }
    return false;
}

}  // namespace nmstore::query
