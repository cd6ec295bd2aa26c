#include "server/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "server/client_session.h"
#include "server/wire_format.h"

namespace nmstore::server {

namespace asio = boost::asio;

asio::awaitable<void> ClientSession::run() {
    if (transport_.connections != nullptr) noted_.emplace(*transport_.connections, connection_.peer());
    Next next = Next::request;
    while (next == Next::request) next = co_await one_request();
    if (transport_.stopping) connection_.hurry(kStopPatience);
    if (next == Next::close) co_await connection_.close_gently(limits().linger);
    connection_.close_now();
}

asio::awaitable<ClientSession::Next> ClientSession::one_request() {
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
        if (noted_) noted_->asks(exchange_->request, route_->pattern);
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

asio::awaitable<bool> ClientSession::read_header() {
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

asio::awaitable<bool> ClientSession::admit() {
    Request& request = exchange_->request;
    Service::Admission admission = transport_.service.admit(request);
    if (!admission.refusal && admission.must_verify) {
        struct Verdict {
            std::atomic<bool> done{false};
            std::optional<Response> refusal;
        };
        auto verdict = std::make_shared<Verdict>();
        const bool queued =
            pool_of(*admission.route)
                .try_run([verdict, route = admission.route, exchange = exchange_,
                          &service = transport_.service, connection = connection_.shared_from_this()] {
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

asio::awaitable<bool> ClientSession::read_body(BodyMemory::Share& share) {
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

Response ClientSession::body_refusal(BodyEnd end, const std::string& why) const {
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

asio::awaitable<void> ClientSession::refuse_unread(Response response) {
    BodyReader reader(connection_, *parser_, limits());
    co_await say(std::move(response), !reader.has_body() || reader.is_drainable());
    if (next_ != Next::request || !reader.has_body()) co_return;
    const BodyEnd end = co_await reader.drain();
    if (end != BodyEnd::complete) next_ = Next::close;
}

asio::awaitable<void> serve_connection(std::shared_ptr<Connection> connection, Transport& transport) {
    ClientSession session(*connection, transport);
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
