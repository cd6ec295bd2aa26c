// The bytes of HTTP/1 that we write ourselves, and a few looks at those that we read; no socket here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace nmstore::server {

enum class BodyForm : std::uint8_t {
    length,     // Content-Length: of response.body
    chunked,    // Transfer-Encoding: chunked
    until_eof,  // for readers of HTTP/1.0: the body ends where the connection does
};

struct HeadOptions {
    BodyForm form = BodyForm::length;
    bool keep_alive = true;
    bool old_reader = false;  // HTTP/1.0: wants to be told that the connection stays
};

// Status line, headers and the blank line. Headers of the response whose name or value could break out of
// their line are left out.
std::string format_head(const Response& response, const HeadOptions& options);

// "1a\r\n": what stands before a chunk of so many bytes; "\r\n" stands behind it, kLastChunk at the end.
std::string chunk_prefix(std::size_t bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Method parse_method(std::string_view name);

// Whether these bytes may still become a request: one of HTTP's methods or the beginning of one. What is left
// of a body that was longer than declared is told by this at once, not when a timeout ends.
bool may_begin_request(std::string_view bytes);

// Date header of this second, "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::int64_t unix_seconds);

}  // namespace nmstore::server
