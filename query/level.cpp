#include "query/level.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "nmstore/words.h"
#include "query/matcher.h"

namespace nmstore::query {
namespace {

struct Named {
    std::string_view name, level;
};

// Syslog's four highest are one level here. Java's SEVERE is what others call an error, not the end of the
// program.
constexpr std::array kWords = {
    Named{"fatal", "fatal"},        Named{"error", "error"},      Named{"err", "error"},
    Named{"warn", "warn"},          Named{"warning", "warn"},     Named{"notice", "notice"},
    Named{"info", "info"},          Named{"information", "info"}, Named{"debug", "debug"},
    Named{"trace", "trace"},        Named{"crit", "fatal"},       Named{"critical", "fatal"},
    Named{"severe", "error"},       Named{"panic", "fatal"},      Named{"emerg", "fatal"},
    Named{"emergency", "fatal"},    Named{"alert", "fatal"},      Named{"verbose", "debug"},
    Named{"informational", "info"},
};

// These are levels in a field only: in a line they are too common.
constexpr std::array kValues = {
    Named{"0", "fatal"},     Named{"1", "fatal"},      Named{"2", "fatal"},      Named{"3", "error"},
    Named{"4", "warn"},      Named{"5", "notice"},     Named{"6", "info"},       Named{"7", "debug"},
    Named{"10", "trace"},    Named{"20", "debug"},     Named{"30", "info"},      Named{"40", "warn"},
    Named{"50", "error"},    Named{"60", "fatal"},     Named{"t", "trace"},      Named{"v", "debug"},
    Named{"d", "debug"},     Named{"i", "info"},       Named{"n", "notice"},     Named{"w", "warn"},
    Named{"e", "error"},     Named{"c", "fatal"},      Named{"f", "fatal"},      Named{"fine", "debug"},
    Named{"finer", "trace"}, Named{"finest", "trace"}, Named{"config", "debug"},
};

constexpr std::array<std::string_view, 4> kFields = {"level", "severity", "lvl", "priority"};
constexpr std::size_t kLongestName = 13;

// For each first letter the lengths of the words that begin with it, as bits: most words are none of them.
constexpr std::array<std::uint16_t, 26> make_lengths() {
    std::array<std::uint16_t, 26> lengths{};
    for (const Named& word : kWords) {
        auto& bits = lengths[static_cast<std::size_t>(word.name.front() - 'a')];
        bits = static_cast<std::uint16_t>(bits | (1U << word.name.size()));
    }
    return lengths;
}
constexpr auto kLengths = make_lengths();

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_letter_or_digit(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

template <class Table>
std::string_view find(const Table& table, std::string_view name) {
    if (name.empty() || name.size() > kLongestName) return {};
    std::array<char, kLongestName> lower{};
    for (std::size_t i = 0; i < name.size(); ++i) {
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + ('a' - 'A')) : name[i];
    }
    for (const Named& known : table) {
        if (known.name.front() != lower.front()) continue;
        if (known.name == std::string_view(lower.data(), name.size())) return known.level;
    }
    return {};
}

}  // namespace

std::string_view level_of_word(std::string_view word) {
    return find(kWords, word);
}

std::string_view level_of_value(std::string_view value) {
    if (auto level = level_of_word(value); !level.empty()) return level;
    return find(kValues, value);
}

namespace {

// The first word of the beginning that names a level, as it stands. All of them are ASCII, so only at its ends
// can other letters matter.
std::string_view level_word_in(std::string_view text) {
    const std::size_t window = std::min(text.size(), kLevelWindowBytes);
    for (std::size_t begin = 0; begin < window;) {
        if (!is_letter_or_digit(text[begin])) {
            ++begin;
            continue;
        }
        std::size_t end = begin + 1;
        while (end < text.size() && is_letter_or_digit(text[end])) ++end;
        const auto level =
            end <= window ? level_of_word(text.substr(begin, end - begin)) : std::string_view();
        if (!level.empty() && !is_word_before(text, begin) && !is_word_at(text, end))
            return text.substr(begin, end - begin);
        begin = end;
    }
    return {};
}

// Calls take(word) with what tells the line's level, a field's value or a word of the text; it says whether it
// does.
template <class Take>
void find_level(const Line& line, const Take& take) {
    // A text that has fields has one of these signs; most lines are told by it at once.
    const bool pairs =
        line.text.find('=') != std::string_view::npos || line.text.find('{') != std::string_view::npos;
    for (std::string_view name : kFields) {
        const bool in_text = pairs && line.text.find(name) != std::string_view::npos;
        if (!in_text && line.fields.find(name) == std::string_view::npos) continue;
        if (auto value = field_of(line, name)) {
            if (take(*value, level_of_value(*value))) return;
        }
    }
    const std::string_view word = level_word_in(line.text);
    take(word, level_of_word(word));
}

}  // namespace

std::string_view level_of(const Line& line) {
    std::string_view found;
    find_level(line, [&found](std::string_view, std::string_view level) {
        found = level;
        return !level.empty();
    });
    return found;
}

bool is_severe(const Line& line) {
    static constexpr std::string_view kSevere = "severe";
    bool severe = false;
    find_level(line, [&severe](std::string_view word, std::string_view level) {
        severe = std::equal(word.begin(), word.end(), kSevere.begin(), kSevere.end(),
                            [](char a, char b) { return is_letter(a) && (a | ('a' ^ 'A')) == b; });
        return !level.empty();
    });
    return severe;
}

}  // namespace nmstore::query
