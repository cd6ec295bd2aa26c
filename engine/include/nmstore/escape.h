// JavaScript's old escape() and unescape() (ECMA-262, annex B.2.1): agents pass every value through it.
#pragma once

#include <string>
#include <string_view>

namespace nmstore {

// One pass of unescape(): %XX is the code point U+00XX, %uXXXX a UTF-16 unit (pairs of surrogates are
// joined, a lone one becomes U+FFFD). A '%' that starts neither form stays. Output is UTF-8; input bytes
// that are not part of an escape are copied unchanged. Returns false, with `out` untouched, if the text
// has nothing to unescape.
bool unescape(std::string_view text, std::string& out);

// Unescaped until nothing changes, at most twice: what a searcher sees of an agent's value.
std::string unescape_fully(std::string_view text);

// escape(): everything but A-Z a-z 0-9 @ * _ + - . / becomes %XX or %uXXXX (per UTF-16 unit); a byte that is
// not valid UTF-8 becomes %XX of itself.
std::string escape(std::string_view text);

}  // namespace nmstore
