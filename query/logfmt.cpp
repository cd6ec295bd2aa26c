#include "query/logfmt.h"

#include <algorithm>
#include <array>

#include "query/lexer.h"

namespace nmstore::query {
namespace {

constexpr std::string_view kBeforeName = ",;([{";
constexpr std::string_view kNotInName = "=\",;()[]{}";

bool is_in_name(char c) {
    return !is_blank(c) && kNotInName.find(c) == std::string_view::npos;
}

// Behind the '=' of a pair whose name begins at `at`; 0 if there is none.
std::size_t value_of_pair(std::string_view text, std::size_t at) {
    std::size_t i = at;
    while (i < text.size() && is_in_name(text[i])) ++i;
    if (i == at || i >= text.size() || text[i] != '=') return 0;
    // "a==b" and "a=>b" are code, not pairs.
    if (i + 1 < text.size() && (text[i + 1] == '=' || text[i + 1] == '>')) return 0;
    return i + 1;
}

// The end of a quoted value that begins at text[at] == '"': behind its closing quote; 0 if there is none.
std::size_t quoted_end(std::string_view text, std::size_t at) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return 0;
}

std::string unescaped(std::string_view inner) {
    std::string out;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        char c = inner[i];
        if (c == '\\' && i + 1 < inner.size()) {
            switch (inner[i + 1]) {
                case 'n':
                    c = '\n';
                    ++i;
                    break;
                case 'r':
                    c = '\r';
                    ++i;
                    break;
                case 't':
                    c = '\t';
                    ++i;
                    break;
                case '"':
                case '\\':
                    c = inner[++i];
                    break;
                default:
                    break;
            }
        }
        out += c;
    }
    return out;
}

std::size_t bare_end(std::string_view text, std::size_t at) {
    std::size_t i = at;
    for (; i < text.size() && !is_blank(text[i]); ++i) {
        if (text[i] != ',' && text[i] != ';') continue;
        if (i + 1 >= text.size() || is_blank(text[i + 1])) break;
        // A long run without '=' is looked through once: value_of_pair() stops where the next ',' stands.
        if (value_of_pair(text, i + 1) != 0) break;
    }
    return i;
}

std::string_view without_closers(std::string_view value) {
    constexpr std::array<std::string_view, 3> brackets = {"()", "[]", "{}"};
    std::array<std::ptrdiff_t, 3> unopened{};
    for (std::size_t i = 0; i < brackets.size(); ++i) {
        unopened[i] = std::count(value.begin(), value.end(), brackets[i][1]) -
                      std::count(value.begin(), value.end(), brackets[i][0]);
    }
    for (; !value.empty(); value.remove_suffix(1)) {
        std::size_t i = 0;
        while (i < brackets.size() && brackets[i][1] != value.back()) ++i;
        if (i == brackets.size() || unopened[i]-- <= 0) break;
    }
    return value;
}

}  // namespace

std::optional<std::string> logfmt_field(std::string_view text, std::string_view name) {
    bool quotes_close = true;  // until one was looked for in vain; then no later one closes either
    for (std::size_t i = 0; i < text.size();) {
        const bool may_begin =
            i == 0 || is_blank(text[i - 1]) || kBeforeName.find(text[i - 1]) != std::string_view::npos;
        const std::size_t value = may_begin ? value_of_pair(text, i) : 0;
        if (value == 0) {
            ++i;
            continue;
        }
        const bool wanted = text.substr(i, value - 1 - i) == name;
        std::size_t end = 0;
        if (quotes_close && value < text.size() && text[value] == '"') {
            end = quoted_end(text, value);
            quotes_close = end != 0;
        }
        if (end != 0) {
            if (wanted) return unescaped(text.substr(value + 1, end - value - 2));
        } else {
            end = bare_end(text, value);
            if (wanted) return std::string(without_closers(text.substr(value, end - value)));
        }
        i = std::max(end, value);
    }
    return std::nullopt;
}

}  // namespace nmstore::query
