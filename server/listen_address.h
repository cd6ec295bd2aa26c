// "127.0.0.1:8001", "[::1]:0", "localhost:8001": where to listen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::server {

struct ListenAddress {
    std::string host;  // numeric, without brackets
    std::uint16_t port = 0;
    bool loopback = false;

    std::string text() const;  // "127.0.0.1:8001", "[::1]:8001"
};

// A name is looked up; IPv4 is preferred where it has both. invalid_argument: not of that form, or no such
// host.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace nmstore::server
