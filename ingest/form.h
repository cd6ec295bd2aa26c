// application/x-www-form-urlencoded: bodies of single posts, and query strings.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::ingest {

using FormFields = std::vector<std::pair<std::string, std::string>>;  // in order, decoded

// '+' is a blank, %XX a byte; a '%' that starts no such pair (as in %u20AC) stays as it is. A name without '='
// has an empty value; empty parts ("a=1&&b=2") are passed over. too_large over `max_fields`.
Result<FormFields> parse_form(std::string_view text, std::size_t max_fields = 1000000);

// As parse_form(), for the columns of a single post. Old agents put their escape()d values into the body as they are: a value
// that no form encoder can have made (it has %uXXXX, or '+' beside %20, or decodes to a JSON object in Latin-1) is kept as it was
// sent, for its reader to unescape.
Result<FormFields> parse_columns(std::string_view text, std::size_t max_fields = 1000000);

// %XX decoded, '+' kept: segments of a path.
std::string decode_percent(std::string_view text);

}  // namespace nmstore::ingest
