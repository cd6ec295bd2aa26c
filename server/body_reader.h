// Reads the body of one request into its place, within every limit there is for bodies. Private to
// body_reader.cpp and session.cpp, as connection.h is.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "server/body_memory.h"
#include "server/connection.h"
#include "server/request_parser.h"
#include "server/transport_limits.h"

namespace nmstore::server {

enum class BodyEnd : std::uint8_t {
    complete,
    too_large,
    malformed,  // see why()
    cut_short,  // the client ended before the body did
    too_slow,
    no_room,  // other bodies took all the memory, for longer than one may wait
    broken,   // the connection is: nothing can be said any more
};

class BodyReader {
  public:
    // All must outlive the reader. `parser` has taken the header.
    BodyReader(Connection& connection, RequestParser& parser, const TransportLimits& limits)
        : connection_(connection), parser_(parser), limits_(limits) {}

    bool has_body() const { return parser_.chunked() || parser_.content_length() > 0; }

    // Into `body`, with room for the JSON parser behind it; `share` grows with it, before it. Tells a client
    // that waits for it to go on.
    boost::asio::awaitable<BodyEnd> read(std::string& body, BodyMemory::Share& share);
    const std::string& why() const { return why_; }

    // A body of a refused request that is small enough to be read and dropped, so that the connection may go
    // on.
    bool is_drainable() const;
    boost::asio::awaitable<BodyEnd> drain();

  private:
    boost::asio::awaitable<BodyEnd> read_declared(std::string& body);
    boost::asio::awaitable<BodyEnd> read_chunked(std::string& body, BodyMemory::Share& share);
    boost::asio::awaitable<BodyEnd> feed(std::string& body, BodyMemory::Share& share);
    boost::asio::awaitable<bool> reserve(BodyMemory::Share& share, std::size_t bytes);
    Deadline deadline(std::size_t received) const;

    Connection& connection_;
    RequestParser& parser_;
    const TransportLimits& limits_;
    std::chrono::steady_clock::time_point begun_;
    std::string why_;
};

}  // namespace nmstore::server
