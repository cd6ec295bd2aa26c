// Pieces of JSON as they stand in a body: where they end, whether they are what they seem, and their shortest
// form. For what a parser handed over without looking into it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmstore::ingest {

inline constexpr std::size_t kMaxJsonDepth = 128;  // objects and arrays within each other

bool is_json_blank(char c);
// Whether `text` is exactly one JSON number.
bool is_json_number(std::string_view text);

enum class Extent {
    whole,
    open,      // the text or, inside a string, the line ends first
    too_deep,  // over kMaxJsonDepth
};
// The end of the object or array that begins at text[begin], by its brackets and strings alone: what lies
// between is not checked. `end` is behind its last bracket, or where the search ended.
Extent find_extent(std::string_view text, std::size_t begin, std::size_t& end);

// Appends the one JSON value that `text` is, without blanks outside of its strings, and checks all of it but
// whether its bytes are UTF-8. false (with `out` in disorder) if it is none, or too deep.
bool append_compact_json(std::string_view text, std::string& out);

// Whether `text` is what fields of a line are kept as: an object without blanks outside of its strings, in
// UTF-8.
bool is_compact_object(std::string_view text);

}  // namespace nmstore::ingest
