// How the requests of a connection are answered: by the handler, piece by piece, or as long as events come.
#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>

#include "server/client_session.h"
#include "server/event_stream.h"
#include "server/log.h"
#include "server/wire_format.h"

namespace nmstore::server {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

asio::awaitable<void> ClientSession::run_handler() {
    const std::string id = fmt::format("{}-{}", transport_.request_id_prefix, ++transport_.requests);
    exchange_->request.gone = [gone = connection_.gone()] { return gone->load(std::memory_order_relaxed); };
    const bool queued =
        pool_of(*route_).try_run([exchange = exchange_, route = route_, id, &service = transport_.service] {
            service.serve(*route, *exchange, id);
        });
    if (!queued) {
        transport_.metrics.limit_hit("queue");
        co_await say(busy("too many requests wait: try again soon"), true);
        co_return;
    }
    connection_.watch();
    Io io = Io::ok;
    while (exchange_->state() == Exchange::State::waiting && io == Io::ok) {
        io = co_await connection_.wait(Deadline::max());
    }
    if (io != Io::ok) {
        exchange_->reader_is_gone();
        next_ = Next::abandon;
        co_return;
    }
    const bool is_stream = exchange_->state() == Exchange::State::streaming;
    Response response = exchange_->take_response();
    if (is_stream) {
        co_await write_stream(std::move(response));
    } else if (response.events) {
        co_await serve_events(std::move(response));
    } else {
        co_await say(std::move(response), true);
    }
}

// Such an answer is no request in flight: it may stay for days. It counts as answered once it has begun.
asio::awaitable<void> ClientSession::serve_events(Response head) {
    const bool old = parser_->is_http_1_0();
    const int status = head.status;
    if (status == 101 && old) {
        co_await say(error_answer(shape(), 400, "invalid_argument", "a WebSocket needs HTTP/1.1"), true);
        co_return;
    }
    const bool keep_alive = !old && keeps_alive();
    count(status);
    transport_.metrics.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    if (noted_) noted_->follows();
    EventStream stream(connection_, limits(), transport_.metrics,
                       transport_.service.access_of(exchange_->request), transport_.stopping);
    const auto end = co_await stream.run(std::move(head), exchange_->request.method, old, keep_alive);
    transport_.metrics.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
    const bool goes_on = end == EventStream::End::complete && keep_alive && !transport_.stopping;
    next_ = goes_on ? Next::request : Next::close;
    if (end == EventStream::End::broken) next_ = Next::abandon;
    tell(status);
}

asio::awaitable<void> ClientSession::write_stream(Response head) {
    const bool chunked = !parser_->is_http_1_0();
    HeadOptions options;
    options.form = chunked ? BodyForm::chunked : BodyForm::until_eof;
    options.keep_alive = chunked && keeps_alive();
    next_ = options.keep_alive ? Next::request : Next::close;
    std::string pending = format_head(head, options);
    Io io = Io::ok;
    Exchange::Piece piece;
    while (!piece.ended && io == Io::ok) {
        piece = exchange_->take_piece();
        if (!piece.bytes.empty() && chunked) {
            pending += chunk_prefix(piece.bytes.size());
            piece.bytes += kLineEnd;
        }
        if (piece.ended && piece.complete && chunked) piece.bytes += kLastChunk;
        if (!pending.empty() || !piece.bytes.empty()) {
            io = co_await connection_.write(pending, piece.bytes, limits().write_timeout);
            pending.clear();
        } else if (!piece.ended) {
            io = co_await connection_.wait(Deadline::max());
        }
    }
    count(head.status);
    tell(head.status);
    // A reader of chunks sees that the last one is missing.
    if (piece.ended && !piece.complete) next_ = Next::abandon;
    if (io == Io::ok) co_return;
    if (io == Io::timeout) transport_.metrics.limit_hit("write_timeout");
    next_ = Next::abandon;
    exchange_->reader_is_gone();
    // The handler's request counts until the handler has ended.
    while (!exchange_->take_piece().ended) {
        io = co_await connection_.wait(Deadline::max());
        if (io != Io::ok) co_return;
    }
}

asio::awaitable<void> ClientSession::say(Response response, bool keep_alive) {
    HeadOptions options;
    options.old_reader = parser_->header_done() && parser_->is_http_1_0();
    options.keep_alive = keep_alive && parser_->header_done() && keeps_alive();
    const std::string head = format_head(response, options);
    const bool silent = exchange_->request.method == Method::head;
    const Io io =
        co_await connection_.write(head, silent ? std::string_view() : response.body, limits().write_timeout);
    if (io == Io::timeout) transport_.metrics.limit_hit("write_timeout");
    if (io != Io::ok) {
        next_ = Next::abandon;
    } else {
        next_ = options.keep_alive ? Next::request : Next::close;
    }
    count(response.status);
    tell(response.status);
}

void ClientSession::count(int status) const {
    const std::string_view pattern = route_ == nullptr ? "" : std::string_view(route_->pattern);
    const auto took = std::chrono::steady_clock::now() - begun_;
    transport_.metrics.request_done(pattern, exchange_->request.method, status, took);
}

void ClientSession::tell(int status) const {
    if (!transport_.access_log && !log_enabled(LogLevel::debug)) return;
    const Request& request = exchange_->request;
    const auto took = std::chrono::steady_clock::now() - begun_;
    // A query's values may be secrets of people; they are told at debug level only.
    const bool all = log_enabled(LogLevel::debug);
    const double ms = std::chrono::duration<double, std::milli>(took).count();
    log_event(transport_.access_log ? LogLevel::info : LogLevel::debug, "request",
              {{"peer", request.peer},
               {"method", std::string(method_name(request.method))},
               {"target", all ? request.target : request.target.substr(0, request.target.find('?'))},
               {"status", std::to_string(status)},
               {"ms", fmt::format("{:.3f}", ms)},
               {"body", std::to_string(body_bytes_)},
               {"token", request.principal.token}});
}

Response ClientSession::busy(std::string_view why) const {
    Response response = error_answer(shape(), 503, "unavailable", why);
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

}  // namespace nmstore::server
