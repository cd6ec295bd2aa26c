// Where the page comes from that makes a browser ask: the header Origin. Programs send none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace nmstore::server {

// "https://page.example", "http://10.0.0.1:8080", as a browser would write it: in lower case, without a port
// that goes without saying. invalid_argument: anything else, also "*".
Result<std::string> parse_origin(std::string_view text);

// `allowed`: as parse_origin() gives them.
bool is_allowed_page(const Request& request, const std::vector<std::string>& allowed);
// A page neither of ours nor allowed. A browser sends the credentials that it knows for us with whatever page
// asks it to open a WebSocket, and lets the page read what comes.
bool is_foreign_page(const Request& request, const std::vector<std::string>& allowed);

}  // namespace nmstore::server
