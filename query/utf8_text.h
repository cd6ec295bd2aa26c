// Lines are bytes; what wants UTF-8 (regular expressions, JSON) gets a copy in which each invalid byte is
// U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmstore::query {

bool is_ascii(std::string_view text);

// Where the first invalid byte is; text.size() if there is none.
std::size_t invalid_utf8_at(std::string_view text);

// false, with `out` untouched, if `text` is valid UTF-8; else `out` becomes the repaired copy.
bool replace_invalid_utf8(std::string_view text, std::string& out);

}  // namespace nmstore::query
