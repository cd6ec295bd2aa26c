#include "query/level.h"

#include <array>

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

template <class Table>
std::string_view find(const Table& table, std::string_view name) {
    if (name.empty() || name.size() > kLongestName) return {};
    std::array<char, kLongestName> lower{};
    for (std::size_t i = 0; i < name.size(); ++i) {
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + ('a' - 'A')) : name[i];
    }
    for (const Named& known : table) {
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

std::string_view level_of(const Line& line) {
    for (std::string_view name : kFields) {
        // Without its name in the text there is no such field, and nothing to parse.
        if (line.fields.find(name) == std::string_view::npos &&
            line.text.find(name) == std::string_view::npos)
            continue;
        if (auto value = field_of(line, name)) {
            if (auto level = level_of_value(*value); !level.empty()) return level;
        }
    }
    const std::string_view beginning = line.text.substr(0, kLevelWindowBytes);
    WordScanner words(beginning);
    for (WordAt word; words.next(word);) {
        if (word.end == beginning.size() && is_word_at(line.text, word.end)) break;  // cut by the window
        if (auto level = level_of_word(beginning.substr(word.begin, word.end - word.begin)); !level.empty())
            return level;
    }
    return {};
}

}  // namespace nmstore::query
