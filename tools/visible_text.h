// Log text on a terminal: it is hostile. Whatever could move the cursor, change colours, reverse the reading
// direction or hide something is shown as what it is; words that were searched for are highlighted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nmstore::query {
struct Filter;
}

namespace nmstore::tools {

// `text` with control characters (C0 but tab, DEL, C1), invalid UTF-8 as \xNN, and characters that format
// invisibly (marks and overrides of direction, zero width, line separators) as \u{NNNN}.
std::string visible_text(std::string_view text);

// What a filter looks for literally, lower-cased: its words, prefixes, phrases and substrings, those under
// NOT excepted.
std::vector<std::string> highlight_texts(const query::Filter& filter);

// visible_text() with every occurrence (any case) of one of `needles` in bold red.
std::string highlighted_text(std::string_view text, const std::vector<std::string>& needles);

inline constexpr std::string_view kDim = "\x1b[2m";
inline constexpr std::string_view kCyan = "\x1b[36m";
inline constexpr std::string_view kMatch = "\x1b[1;31m";
inline constexpr std::string_view kPlain = "\x1b[0m";

}  // namespace nmstore::tools
