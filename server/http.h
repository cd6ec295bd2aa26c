// A request and its answer, as handlers see them: no socket, no Beast. The session reads the one, writes the
// other.
//
// Handlers run on a pool of worker threads, many at a time, and may block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"
#include "server/credentials.h"
#include "server/event_source.h"

namespace nmstore::server {

enum class Method : std::uint8_t { get, head, post, put, del, options, other };
std::string_view method_name(Method method);  // "GET" …; "other"

struct Request {
    Method method = Method::get;
    std::string target;             // as it came, path and query
    std::vector<std::string> path;  // segments, percent-decoded; "/v0.3/DATA/a%2Fb" -> {"v0.3","DATA","a/b"}
    std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order
    std::string body;     // padded for the JSON parser (ingest/body.h), still content-encoded
    std::string peer;     // "127.0.0.1:51234"
    Principal principal;  // who asks; filled before the handler runs
    std::function<bool()> gone = [] { return false; };  // whether the client has gone away; any thread, cheap

    // The first parameter or header of that name; nullopt if there is none.
    std::optional<std::string_view> parameter(std::string_view name) const;
    std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

// Where a streamed answer goes. write() blocks while the reader is slow (bounded), and is false once it is
// gone.
class BodyWriter {
  public:
    virtual ~BodyWriter() = default;
    virtual bool write(std::string_view piece) = 0;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // If set, `body` is not used: called once on a worker thread to write the answer, sent chunked as it
    // comes.
    std::function<void(BodyWriter&)> stream;
    // If set, neither is used: the answer stays open, and the socket's thread serves it, see event_source.h.
    // Behind a status of 101, which websocket_answer() makes, the connection is a WebSocket from then on.
    std::shared_ptr<EventSource> events{};
};

// The answer to a WebSocket's handshake, with `events` as its other end; or what is wrong with the handshake
// (400, 426), or that the page of a browser that asks is another server's (403) and not among these origins
// (parse_origin()).
Response websocket_answer(const Request& request, std::shared_ptr<EventSource> events,
                          const std::vector<std::string>& allowed_origins = {});
bool wants_websocket(const Request& request);  // it has an Upgrade to it

// HTTP status for an Error: invalid_argument 400, not_found 404, conflict 409, too_large 413,
// busy/unavailable 503, deadline_exceeded/limit_exceeded 422 …
int http_status(Code code);

}  // namespace nmstore::server
