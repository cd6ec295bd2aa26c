// One connection and its requests, one after the other: read, admitted, handled, answered. Private to
// session.cpp and session_answer.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/body_reader.h"
#include "server/error_answer.h"
#include "server/exchange.h"
#include "server/request_parser.h"
#include "server/session.h"

namespace nmstore::server {

// Belongs to the thread of its socket.
class ClientSession {
  public:
    ClientSession(Connection& connection, Transport& transport)
        : connection_(connection), transport_(transport) {}

    boost::asio::awaitable<void> run();

  private:
    enum class Next : std::uint8_t {
        request,  // the connection goes on
        close,    // it ends; what we said must reach the client
        abandon,  // it is broken: nothing can be said any more
    };

    // ---- session.cpp
    boost::asio::awaitable<Next> one_request();
    // Each of these ends the request with `next_` set, or lets it go on: true.
    boost::asio::awaitable<bool> read_header();
    boost::asio::awaitable<bool> admit();
    boost::asio::awaitable<bool> read_body(BodyMemory::Share& share);
    boost::asio::awaitable<void> refuse_unread(Response response);
    Response body_refusal(BodyEnd end, const std::string& why) const;

    // ---- session_answer.cpp
    boost::asio::awaitable<void> run_handler();
    boost::asio::awaitable<void> write_stream(Response head);
    boost::asio::awaitable<void> serve_events(Response head);
    boost::asio::awaitable<void> say(Response response, bool keep_alive);
    Response busy(std::string_view why) const;
    void count(int status) const;  // in the metrics
    void tell(int status) const;   // in the log
    bool keeps_alive() const { return parser_->keep_alive() && !transport_.stopping; }
    WorkerPool& pool_of(const Route& route) const {
        return route.urgent ? transport_.urgent_pool : transport_.pool;
    }
    const TransportLimits& limits() const { return transport_.limits; }
    ErrorShape shape() const { return error_shape(exchange_->request.target); }

    Connection& connection_;
    Transport& transport_;
    std::optional<OpenConnections::Entry> noted_;
    std::optional<RequestParser> parser_;
    std::shared_ptr<Exchange> exchange_;
    const Route* route_ = nullptr;
    std::chrono::steady_clock::time_point begun_;
    std::size_t body_bytes_ = 0;  // the handler may take the body itself
    Next next_ = Next::request;
    ErrorShape spoken_ = ErrorShape::own;  // of the API that the connection asked last
};

}  // namespace nmstore::server
