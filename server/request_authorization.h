// What a request says of who asks: its header Authorization, or what a browser's WebSocket can say in its
// place.
#pragma once

#include <string>

#include "server/http.h"

namespace nmstore::server {

// A page cannot give its WebSocket headers, only the names of protocols. It offers two: this one, which is
// agreed on, and "nm-store.basic." with base64url(TOKEN:ACCOUNT) behind it, without padding.
inline constexpr std::string_view kSocketProtocol = "nm-store";

// The header as it came; without one, of a WebSocket's handshake that offers such a protocol, what the header
// would be. "": nothing was said, or nothing that could be a credential. Any thread, microseconds.
std::string authorization_of(const Request& request);

// Whether a WebSocket's handshake offers kSocketProtocol: a browser wants to hear that it is spoken.
bool offers_socket_protocol(const Request& request);

}  // namespace nmstore::server
