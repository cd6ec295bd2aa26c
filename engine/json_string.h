// The text of a JSON string, taken out of bytes that have been found to be one.
//
// Parsers of ours hand strings on as they stand and let this decode them: most have no escape and are used
// where they lie, and a lone surrogate must not cost a whole body.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmstore {

// The offset of the quote that ends the string whose content begins at `begin`; npos if it does not end.
std::size_t find_string_end(std::string_view text, std::size_t begin);

// Decodes what stands between the quotes into `out` (which must not be what `raw` looks into). A lone
// surrogate \udc80 to \udcff is the byte 0x80 to 0xff, as answers write bytes that are no UTF-8; any other
// lone one becomes U+FFFD. false if it holds an escape that JSON does not know; that one then stands for
// itself.
bool decode_json_string(std::string_view raw, std::string& out);

}  // namespace nmstore
