#include "engine/block/pattern.h"

#include <algorithm>

#include "nmstore/words.h"

namespace nmstore::block {
namespace {

bool has_digit(std::string_view word) {
    for (const char c : word) {
        if (c >= '0' && c <= '9') return true;
    }
    return false;
}

}  // namespace

void Splitter::take_constant(std::string_view text) {
    // Marks hardly ever stand in a log line: look for them first.
    if (text.find(kVariableMark) == std::string_view::npos &&
        text.find(kEscapeMark) == std::string_view::npos) {
        pattern_.append(text);
        return;
    }
    for (const char c : text) {
        if (c == kVariableMark || c == kEscapeMark) pattern_.push_back(kEscapeMark);
        pattern_.push_back(c);
    }
}

bool Splitter::split(std::string_view text) {
    pattern_.clear();
    variables_.clear();
    WordScanner words(text);
    WordAt word;
    std::size_t constant = 0;
    while (words.next(word)) {
        const std::string_view found = text.substr(word.begin, word.end - word.begin);
        if (!has_digit(found)) continue;
        if (variables_.size() == kMaxVariables) return false;
        take_constant(text.substr(constant, word.begin - constant));
        pattern_.push_back(kVariableMark);
        variables_.push_back(found);
        constant = word.end;
    }
    take_constant(text.substr(constant));
    return true;
}

bool parse_pattern(std::string_view pattern, std::vector<std::string>& constants) {
    // A reader of a block does this for all of its templates: first the room, then whole runs.
    const auto marks = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), kVariableMark));
    constants.clear();
    constants.reserve(std::min(marks, kMaxVariables) + 1);
    constants.emplace_back();
    const bool escapes = pattern.find(kEscapeMark) != std::string_view::npos;
    if (!escapes && marks > kMaxVariables) return false;
    for (std::size_t begin = 0; !escapes;) {
        const std::size_t end = std::min(pattern.find(kVariableMark, begin), pattern.size());
        constants.back().assign(pattern, begin, end - begin);
        if (end == pattern.size()) return true;
        constants.emplace_back();
        begin = end + 1;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == kVariableMark) {
            if (constants.size() > kMaxVariables) return false;
            constants.emplace_back();
        } else if (pattern[i] == kEscapeMark) {
            if (++i == pattern.size() || (pattern[i] != kVariableMark && pattern[i] != kEscapeMark))
                return false;
            constants.back().push_back(pattern[i]);
        } else {
            constants.back().push_back(pattern[i]);
        }
    }
    return true;
}

}  // namespace nmstore::block
