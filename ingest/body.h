// A request's body on its way into a decoder: bytes with the spare room behind them that the JSON parser
// reads (but does not use), so that a body of 64 MB is parsed where it lies.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::ingest {

inline constexpr std::size_t kBodyPadding = 64;  // at least the parser's; checked where it is included

// Makes sure that kBodyPadding bytes of capacity lie behind the body's end (may move it once).
inline void pad_body(std::string& body) { body.reserve(body.size() + kBodyPadding); }

enum class ContentEncoding { identity, gzip, zstd };

// "", "identity", "gzip", "x-gzip", "zstd" (any case); unsupported for others, naming them.
Result<ContentEncoding> parse_content_encoding(std::string_view header);

// The decoded body, padded. too_large as soon as it would exceed `limit_bytes` (never holds more than that);
// invalid_argument for broken or truncated input. Several gzip members or zstd frames in a row are one body.
Result<std::string> decode_body(std::string_view body, ContentEncoding encoding, std::size_t limit_bytes);

}  // namespace nmstore::ingest
