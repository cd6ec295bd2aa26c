// Beast's parser of HTTP/1 behind a plain face: bytes go in, a Request comes out. No socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace nmstore::server {

// For one request. Not thread-safe.
class RequestParser {
  public:
    RequestParser(std::size_t max_header, std::size_t max_body);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    enum class Fault : std::uint8_t {
        none,
        malformed,
        header_too_large,
        body_too_large,
        bad_version,
        unsupported_coding
    };
    struct Step {
        std::size_t used = 0;    // bytes that may be dropped from the front of the input
        bool need_more = false;  // nothing more can be done without further input
        Fault fault = Fault::none;
        std::string why;  // with a fault, for the client
    };

    // Until header_done().
    Step feed_header(std::string_view input);
    bool header_done() const;

    // After header_done(): fills in method, target, path, query and headers.
    Step take_header(Request& request) const;
    bool keep_alive() const;
    bool is_http_1_0() const;
    bool expects_continue() const;
    bool chunked() const;
    std::uint64_t content_length() const;  // 0 if not declared

    // A chunked body, decoded to the end of `body`, until body_done(). A body of declared length needs no
    // parser.
    Step feed_chunked(std::string_view input, std::string& body);
    bool body_done() const;

  private:
    struct Beast;
    const std::size_t max_header_;
    std::unique_ptr<Beast> beast_;
    bool begun_ = false;
};

}  // namespace nmstore::server
