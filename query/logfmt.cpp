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

// "a==b" and "a=>b" are code, not pairs.
bool makes_pair(std::string_view text, std::size_t equals) {
    return equals + 1 >= text.size() || (text[equals + 1] != '=' && text[equals + 1] != '>');
}

// Whether a name and its '=' begin at `at`.
bool begins_pair(std::string_view text, std::size_t at) {
    std::size_t i = at;
    while (i < text.size() && is_in_name(text[i])) ++i;
    return i > at && i < text.size() && text[i] == '=' && makes_pair(text, i);
}

// The name that ends before text[equals] and begins at `from` or behind; empty if there is none.
std::string_view name_before(std::string_view text, std::size_t from, std::size_t equals) {
    std::size_t begin = equals;
    while (begin > from && is_in_name(text[begin - 1])) --begin;
    const bool may_begin = begin == 0 || is_blank(text[begin - 1]) ||
                           kBeforeName.find(text[begin - 1]) != std::string_view::npos;
    return may_begin ? text.substr(begin, equals - begin) : std::string_view();
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
        // A long run without '=' is looked through once: a name ends where the next ',' stands.
        if (begins_pair(text, i + 1)) break;
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

// A pair as it stands in the text.
struct Pair {
    std::string_view name;
    std::string_view value;  // with its quotes, or with what closes behind it
    bool quoted = false;

    std::string read() const {
        return quoted ? unescaped(value.substr(1, value.size() - 2)) : std::string(without_closers(value));
    }
};

// Until `each` returns false.
template <class Each>
void for_each_pair(std::string_view text, const Each& each) {
    bool quotes_close = true;  // until one was looked for in vain; then no later one closes either
    std::size_t from = 0;      // behind the last value
    for (std::size_t equals = text.find('='); equals != std::string_view::npos;
         equals = text.find('=', std::max(from, equals + 1))) {
        const std::string_view name = name_before(text, from, equals);
        if (name.empty() || !makes_pair(text, equals)) continue;
        const std::size_t value = equals + 1;
        std::size_t end = 0;
        if (quotes_close && value < text.size() && text[value] == '"') {
            end = quoted_end(text, value);
            quotes_close = end != 0;
        }
        const bool quoted = end != 0;
        if (!quoted) end = bare_end(text, value);
        if (!each(Pair{name, text.substr(value, end - value), quoted})) return;
        from = end;
    }
}

}  // namespace

std::optional<std::string> logfmt_field(std::string_view text, std::string_view name) {
    std::optional<std::string> found;
    for_each_pair(text, [&](const Pair& pair) {
        if (pair.name == name) found = pair.read();
        return !found.has_value();
    });
    return found;
}

void for_each_logfmt_field(std::string_view text,
                           const std::function<bool(std::string_view name, std::string value)>& each) {
    for_each_pair(text, [&](const Pair& pair) { return each(pair.name, pair.read()); });
}

}  // namespace nmstore::query
