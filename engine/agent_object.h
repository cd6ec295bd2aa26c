// Finds the text `returned` in an agent's log value. A scanner of our own, because stored values must never
// lose their text: a strict parser refuses the whole object for one byte that is not UTF-8, a lone surrogate
// or a raw control character, all of which old agents send.
#pragma once

#include <string>
#include <string_view>

namespace nmstore {

// true if `text` is one JSON object whose member `returned` is a string; `out` is then its content (not
// unescape()d). Of several such members the last counts, as in JavaScript. Lenient inside strings: bytes that
// are not UTF-8 and raw control characters are kept, a lone surrogate becomes U+FFFD, an unknown escape
// stands for itself. What other members hold is passed over, however deep, without being checked beyond its
// strings and brackets. `out` must not be what `text` looks into; it is undefined after false.
bool find_returned(std::string_view text, std::string& out);

// The same, not decoded: `raw` is what stands between the quotes, within `text`.
bool find_raw_returned(std::string_view text, std::string_view& raw);

}  // namespace nmstore
