// The target of a request line, taken apart: "/v0.3/DATA/cf/a%2Fb?limit=5" into segments and parameters.
#pragma once

#include <string>
#include <string_view>

#include "nmstore/result.h"
#include "server/http.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxParameters = 10000;

// Sets target, path and query of `request`. Takes "/path?query", "http://host/path?query" and "*" (a path
// without segments). invalid_argument: another form, bytes that must not stand in a target, too many
// parameters.
Result<void> parse_target(std::string_view target, Request& request);

}  // namespace nmstore::server
