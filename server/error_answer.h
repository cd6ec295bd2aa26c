// An Error as the body of an answer, in the shape that the path's API has for it.
#pragma once

#include <string_view>

#include "nmstore/result.h"
#include "server/http.h"

namespace nmstore::server {

enum class ErrorShape : std::uint8_t {
    cloudsandra,  // {"status":"400","message":"Bad Request","detail":"…"}
    own,          // {"error":{"code":"invalid_argument","message":"…"}}
};

// By the path that was asked for: cloudsandra at and below /v0.3.
ErrorShape error_shape(std::string_view target);

// Of what could not be read as a request: by the path that its first line names, or else as `otherwise`.
ErrorShape shape_of_unread(std::string_view first_bytes, ErrorShape otherwise);

Response error_answer(ErrorShape shape, const Error& error);
// For what is an error of HTTP alone: 405, 408, 431 … `code` is a stable lower-case name.
Response error_answer(ErrorShape shape, int status, std::string_view code, std::string_view message);

// "Bad Request"; "Unknown" for what HTTP does not know.
std::string_view reason_phrase(int status);

}  // namespace nmstore::server
