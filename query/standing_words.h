// Of which words, or levels, a line must have one to match a filter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/filter.h"

namespace nmstore::query {

struct RequiredWords {
    // Every line that matches has one of these words in its text, or is of one of these levels. None at all:
    // no line matches.
    std::vector<std::string> words;   // lower-cased
    std::vector<std::string> levels;  // as level_of() tells them
};

// nullopt: nothing like that can be told of the filter.
std::optional<RequiredWords> required_words(const Filter& filter);

}  // namespace nmstore::query
