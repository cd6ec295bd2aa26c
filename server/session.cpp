#include "server/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "server/body_reader.h"
#include "server/error_answer.h"
#include "server/event_stream.h"
#include "server/exchange.h"
#include "server/log.h"
#include "server/request_parser.h"
#include "server/wire_format.h"

namespace nmstore::server {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kLineEnd = "\r\n";

enum class Next : std::uint8_t {
    request,  // the connection goes on
    close,    // it ends; what we said must reach the client
    abandon,  // it is broken: nothing can be said any more
};

class Session {
  public:
    Session(Connection& connection, Transport& transport) : connection_(connection), transport_(transport) {}

    asio::awaitable<void> run();

  private:
    asio::awaitable<Next> one_request();
    // Each of these ends the request with `next_` set, or lets it go on: true.
    asio::awaitable<bool> read_header();
    asio::awaitable<bool> admit();
    asio::awaitable<bool> read_body(BodyMemory::Share& share);
    asio::awaitable<void> run_handler();
    asio::awaitable<void> write_stream(Response head);
    asio::awaitable<void> serve_events(Response head);

    asio::awaitable<void> say(Response response, bool keep_alive);
    asio::awaitable<void> refuse_unread(Response response);
    Response body_refusal(BodyEnd end, const std::string& why) const;
    Response busy(std::string_view why) const;
    void count(int status) const;  // in the metrics
    void tell(int status) const;   // in the log
    bool keeps_alive() const { return parser_->keep_alive() && !transport_.stopping; }
    const TransportLimits& limits() const { return transport_.limits; }
    ErrorShape shape() const { return error_shape(exchange_->request.target); }

    Connection& connection_;
    Transport& transport_;
    std::optional<RequestParser> parser_;
    std::shared_ptr<Exchange> exchange_;
    const Route* route_ = nullptr;
    std::chrono::steady_clock::time_point begun_;
    std::size_t body_bytes_ = 0;  // the handler may take the body itself
    Next next_ = Next::request;
    ErrorShape spoken_ = ErrorShape::own;  // of the API that the connection asked last
};

asio::awaitable<void> Session::run() {
    Next next = Next::request;
    while (next == Next::request) next = co_await one_request();
    if (next == Next::close) co_await connection_.close_gently(limits().linger);
    connection_.close_now();
}

asio::awaitable<Next> Session::one_request() {
    auto wake = [connection = connection_.shared_from_this()] { connection->wake(); };
    exchange_ = std::make_shared<Exchange>(limits().max_stream_buffer, connection_.gone(), wake);
    exchange_->request.peer = connection_.peer();
    parser_.emplace(limits().max_header, limits().max_body);
    route_ = nullptr;
    body_bytes_ = 0;
    next_ = Next::request;
    const bool readable = co_await read_header();
    if (!readable) co_return next_;
    transport_.metrics.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
    const bool admitted = co_await admit();
    if (admitted) {
        BodyMemory::Share share(transport_.body_memory, wake);
        const bool complete = co_await read_body(share);
        body_bytes_ = exchange_->request.body.size();
        if (complete) co_await run_handler();
        exchange_.reset();  // and with it the body, before its share of the memory is given back
    }
    transport_.metrics.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    co_return next_;
}

// ---- Header -------------------------------------------------------------------------------------

asio::awaitable<bool> Session::read_header() {
    Deadline deadline = after(limits().idle_timeout);
    bool begun = false;
    RequestParser::Step step;
    step.need_more = true;
    std::string first_bytes;  // to know the API, and so the shape of an error, of what cannot be parsed
    while (step.need_more) {
        if (!begun && !connection_.input().empty()) {
            begun = true;
            begun_ = std::chrono::steady_clock::now();
            deadline = after(limits().header_timeout);
        }
        if (first_bytes.size() < 64) first_bytes += connection_.input().substr(0, 64 - first_bytes.size());
        step = parser_->feed_header(connection_.input());
        connection_.take(step.used);
        if (!step.need_more || step.fault != RequestParser::Fault::none) break;
        if (!begun && transport_.stopping) {
            next_ = Next::close;
            co_return false;
        }
        connection_.idle = !begun;
        const Io io = co_await connection_.read_more(deadline);
        connection_.idle = false;
        if (io == Io::ok) continue;
        next_ = io == Io::failed ? Next::abandon : Next::close;
        if (io == Io::timeout && begun) {
            transport_.metrics.limit_hit("header_timeout");
            co_await say(error_answer(shape_of_unread(first_bytes, spoken_), 408, "timeout",
                                      "the request's headers took too long"),
                         false);
        }
        co_return false;
    }
    if (step.fault == RequestParser::Fault::none) step = parser_->take_header(exchange_->request);
    if (step.fault == RequestParser::Fault::none) {
        spoken_ = shape();
        co_return true;
    }
    const ErrorShape shape = shape_of_unread(first_bytes, spoken_);
    Response response;
    switch (step.fault) {
        case RequestParser::Fault::header_too_large:
            transport_.metrics.limit_hit("max_header");
            response = error_answer(
                shape, 431, "too_large",
                fmt::format("the headers are over the limit of {} bytes (max-header)", limits().max_header));
            break;
        case RequestParser::Fault::bad_version:
            response = error_answer(shape, 505, "unsupported", step.why);
            break;
        case RequestParser::Fault::unsupported_coding:
            response = error_answer(shape, 501, "unsupported", step.why);
            break;
        default:
            response = error_answer(shape, 400, "invalid_argument", step.why);
    }
    co_await say(std::move(response), false);
    co_return false;
}

asio::awaitable<bool> Session::admit() {
    Request& request = exchange_->request;
    Service::Admission admission = transport_.service.admit(request);
    if (!admission.refusal && admission.must_verify) {
        struct Verdict {
            std::atomic<bool> done{false};
            std::optional<Response> refusal;
        };
        auto verdict = std::make_shared<Verdict>();
        const bool queued = transport_.pool.try_run([verdict, route = admission.route, exchange = exchange_,
                                                     &service = transport_.service,
                                                     connection = connection_.shared_from_this()] {
            verdict->refusal = service.verify(*route, exchange->request);
            verdict->done.store(true);
            connection->wake();
        });
        if (!queued) {
            transport_.metrics.limit_hit("queue");
            admission.refusal = busy("too many requests wait: try again soon");
        }
        Io io = Io::ok;
        while (queued && !verdict->done.load() && io == Io::ok) {
            io = co_await connection_.wait(Deadline::max());
        }
        if (io != Io::ok) {
            next_ = Next::abandon;
            co_return false;
        }
        if (queued) admission.refusal = std::move(verdict->refusal);
    }
    route_ = admission.route;
    if (!admission.refusal) co_return true;
    co_await refuse_unread(std::move(*admission.refusal));
    co_return false;
}

// ---- Body ---------------------------------------------------------------------------------------

asio::awaitable<bool> Session::read_body(BodyMemory::Share& share) {
    BodyReader reader(connection_, *parser_, limits());
    const BodyEnd end = co_await reader.read(exchange_->request.body, share);
    if (end == BodyEnd::complete) co_return true;
    if (end == BodyEnd::broken) {
        transport_.metrics.count("requests_cut_short");
        next_ = Next::abandon;
        co_return false;
    }
    co_await say(body_refusal(end, reader.why()), false);
    co_return false;
}

Response Session::body_refusal(BodyEnd end, const std::string& why) const {
    Metrics& metrics = transport_.metrics;
    if (end == BodyEnd::too_large) {
        metrics.limit_hit("max_body");
        const std::uint64_t declared = parser_->content_length();
        const std::string size = declared == 0 ? "" : fmt::format(" of {} bytes", declared);
        return error_answer(
            shape(), 413, "too_large",
            fmt::format("the body{} is over the limit of {} bytes (max-body)", size, limits().max_body));
    }
    if (end == BodyEnd::no_room) {
        metrics.limit_hit("max_bodies_memory");
        return busy("the bodies of other requests take all memory that there is for them: try again soon");
    }
    if (end == BodyEnd::malformed) return error_answer(shape(), 400, "invalid_argument", why);
    metrics.count("requests_cut_short");
    if (end == BodyEnd::cut_short) {
        return error_answer(shape(), 400, "invalid_argument", "the body is shorter than declared");
    }
    metrics.limit_hit("body_rate");
    return error_answer(shape(), 408, "timeout", "the body came too slowly");
}

Response Session::busy(std::string_view why) const {
    Response response = error_answer(shape(), 503, "unavailable", why);
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

asio::awaitable<void> Session::refuse_unread(Response response) {
    BodyReader reader(connection_, *parser_, limits());
    co_await say(std::move(response), !reader.has_body() || reader.is_drainable());
    if (next_ != Next::request || !reader.has_body()) co_return;
    const BodyEnd end = co_await reader.drain();
    if (end != BodyEnd::complete) next_ = Next::close;
}

// ---- Answer -------------------------------------------------------------------------------------

asio::awaitable<void> Session::run_handler() {
    const std::string id = fmt::format("{}-{}", transport_.request_id_prefix, ++transport_.requests);
    exchange_->request.gone = [gone = connection_.gone()] { return gone->load(std::memory_order_relaxed); };
    const bool queued =
        transport_.pool.try_run([exchange = exchange_, route = route_, id, &service = transport_.service] {
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
asio::awaitable<void> Session::serve_events(Response head) {
    const bool old = parser_->is_http_1_0();
    const int status = head.status;
    if (status == 101 && old) {
        co_await say(error_answer(shape(), 400, "invalid_argument", "a WebSocket needs HTTP/1.1"), true);
        co_return;
    }
    const bool keep_alive = !old && keeps_alive();
    count(status);
    transport_.metrics.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    EventStream stream(connection_, limits(), transport_.metrics, transport_.stopping);
    const auto end = co_await stream.run(std::move(head), exchange_->request.method, old, keep_alive);
    transport_.metrics.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
    next_ = end == EventStream::End::complete && keep_alive ? Next::request : Next::close;
    if (end == EventStream::End::broken) next_ = Next::abandon;
    tell(status);
}

asio::awaitable<void> Session::write_stream(Response head) {
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

asio::awaitable<void> Session::say(Response response, bool keep_alive) {
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

void Session::count(int status) const {
    const std::string_view pattern = route_ == nullptr ? "" : std::string_view(route_->pattern);
    const auto took = std::chrono::steady_clock::now() - begun_;
    transport_.metrics.request_done(pattern, exchange_->request.method, status, took);
}

void Session::tell(int status) const {
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

}  // namespace

asio::awaitable<void> serve_connection(std::shared_ptr<Connection> connection, Transport& transport) {
    Session session(*connection, transport);
    co_await session.run();
}

asio::awaitable<void> refuse_connection(std::shared_ptr<Connection> connection, Transport& transport) {
    HeadOptions options;
    options.keep_alive = false;
    Response response =
        error_answer(ErrorShape::own, 503, "unavailable", "too many connections: try again soon");
    response.headers.emplace_back("Retry-After", "1");
    const std::string head = format_head(response, options);
    const Io io = co_await connection->write(head, response.body, std::chrono::milliseconds(1000));
    if (io == Io::ok) co_await connection->close_gently(std::chrono::milliseconds(1000));
    connection->close_now();
    transport.metrics.count("connections_refused");
}

}  // namespace nmstore::server
