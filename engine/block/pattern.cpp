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

bool parse_pattern(std::string_view pattern, std::size_t variables, std::vector<std::string_view>& constants,
                   std::string& unescaped) {
    constants.clear();
    constants.reserve(variables + 1);
    if (pattern.find(kEscapeMark) == std::string_view::npos) {
        for (std::size_t begin = 0; constants.size() <= variables;) {
            const std::size_t end = std::min(pattern.find(kVariableMark, begin), pattern.size());
            constants.push_back(pattern.substr(begin, end - begin));
            if (end == pattern.size()) return constants.size() == variables + 1;
            begin = end + 1;
        }
        return false;
    }
    std::vector<std::size_t> ends;
    unescaped.clear();
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == kVariableMark) {
            ends.push_back(unescaped.size());
            continue;
        }
        if (pattern[i] == kEscapeMark) {
            if (++i == pattern.size() || (pattern[i] != kVariableMark && pattern[i] != kEscapeMark))
                return false;
        }
        unescaped.push_back(pattern[i]);
    }
    if (ends.size() != variables) return false;
    ends.push_back(unescaped.size());
    for (std::size_t begin = 0; const std::size_t end : ends) {
        constants.push_back(std::string_view(unescaped).substr(begin, end - begin));
        begin = end;
    }
    return true;
}

}  // namespace nmstore::block
