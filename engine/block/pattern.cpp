#include "engine/block/pattern.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nmstore/words.h"

namespace nmstore::block {
namespace {

constexpr std::size_t kCopied = 16;  // bytes at a time: constants are short

bool has_digit(std::string_view word) {
    for (const char c : word) {
        if (c >= '0' && c <= '9') return true;
    }
    return false;
}

// Of bits below `bit`, which is below 64.
std::uint64_t bits_below(std::size_t bit) {
    return (std::uint64_t{1} << bit) - 1;
}

// Copies what lies between, and more where that can be read: the copy has room for kCopied bytes more.
char* copy_constant(char* to, const char* from, const char* end, const char* text_end) {
    const auto size = static_cast<std::size_t>(end - from);
    if (static_cast<std::size_t>(text_end - from) < size + kCopied) {
        return std::copy(from, end, to);
    }
    for (std::size_t i = 0; i < size; i += kCopied) std::memcpy(to + i, from + i, kCopied);
    return to + size;
}

}  // namespace

// Marks the whole text, and at least one byte behind it as none of a word. false: it has rare bytes.
bool Splitter::mark(std::string_view text) {
    const std::size_t full = text.size() / kMarkedBytes;
    if (marks_.size() < full + 1) marks_.resize(full + 1);
    bool rare = false;
    for (std::size_t i = 0; i < full; ++i) {
        marks_[i] = marks_of(text.data() + i * kMarkedBytes);
        rare = rare || marks_[i].rare;
    }
    char last[kMarkedBytes] = {};
    if (text.size() % kMarkedBytes != 0)
        std::memcpy(last, text.data() + full * kMarkedBytes, text.size() % kMarkedBytes);
    marks_[full] = marks_of(last);
    return !rare && !marks_[full].rare;
}

// Of the word that the digit at this place is in, where that is not among the same marked bytes.
std::size_t Splitter::far_begin(std::size_t i) const {
    while (i-- > 0) {
        const std::uint64_t between = ~marks_[i].words;
        if (between != 0) return (i + 1) * kMarkedBytes - static_cast<std::size_t>(std::countl_zero(between));
    }
    return 0;
}

std::size_t Splitter::far_end(std::size_t i) const {
    while (marks_[++i].words == ~std::uint64_t{0}) {
    }
    return i * kMarkedBytes + static_cast<std::size_t>(std::countr_one(marks_[i].words));
}

bool Splitter::split_marked(std::string_view text) {
    if (room_.size() < text.size() + 2 * kCopied) room_.resize(text.size() + text.size() / 2 + 2 * kCopied);
    const char* const begin = text.data();
    const char* const text_end = begin + text.size();
    char* to = room_.data();
    std::size_t constant = 0;
    for (std::size_t i = 0; i * kMarkedBytes < text.size(); ++i) {
        const std::size_t base = i * kMarkedBytes;
        if (constant >= base + kMarkedBytes) continue;  // a long word
        const std::uint64_t between = ~marks_[i].words;
        std::uint64_t digits = marks_[i].digits;
        if (constant > base) digits &= ~bits_below(constant - base);
        while (digits != 0) {
            const auto digit = static_cast<std::size_t>(std::countr_zero(digits));
            const std::uint64_t before = between & bits_below(digit);
            const std::uint64_t behind = between & ~bits_below(digit);
            const std::size_t word =
                before == 0 ? far_begin(i)
                            : base + kMarkedBytes - static_cast<std::size_t>(std::countl_zero(before));
            const std::size_t end =
                behind == 0 ? far_end(i) : base + static_cast<std::size_t>(std::countr_zero(behind));
            if (variables_.size() == kMaxVariables) return false;
            to = copy_constant(to, begin + constant, begin + word, text_end);
            *to++ = kVariableMark;
            variables_.push_back(text.substr(word, end - word));
            constant = end;
            if (end >= base + kMarkedBytes) break;
            digits &= ~bits_below(end - base);
        }
    }
    to = copy_constant(to, begin + constant, text_end, text_end);
    pattern_ = std::string_view(room_.data(), static_cast<std::size_t>(to - room_.data()));
    return true;
}

void Splitter::take_constant(std::string_view text) {
    for (const char c : text) {
        if (c == kVariableMark || c == kEscapeMark) escaped_.push_back(kEscapeMark);
        escaped_.push_back(c);
    }
}

bool Splitter::split_any(std::string_view text) {
    escaped_.clear();
    WordScanner words(text);
    WordAt word;
    std::size_t constant = 0;
    while (words.next(word)) {
        const std::string_view found = text.substr(word.begin, word.end - word.begin);
        if (!has_digit(found)) continue;
        if (variables_.size() == kMaxVariables) return false;
        take_constant(text.substr(constant, word.begin - constant));
        escaped_.push_back(kVariableMark);
        variables_.push_back(found);
        constant = word.end;
    }
    take_constant(text.substr(constant));
    pattern_ = escaped_;
    return true;
}

bool Splitter::split(std::string_view text) {
    pattern_ = {};
    variables_.clear();
    return mark(text) ? split_marked(text) : split_any(text);
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
