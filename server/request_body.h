// A request's body on its way from the wire to a decoder.
#pragma once

#include <cstddef>
#include <string>

#include "nmstore/result.h"
#include "server/http.h"

namespace nmstore::server {

// Undoes the request's Content-Encoding, if it names one, and pads the body for the JSON parser. unsupported
// for an encoding that is not known, too_large if the decoded body is over `limit_bytes`. The encoded bytes
// are let go.
Result<void> decode_content(Request& request, std::size_t limit_bytes);

// Gives the body's memory back: a decoded batch and its body must not lie in memory together while the disk
// is waited for.
void release_body(Request& request);

}  // namespace nmstore::server
