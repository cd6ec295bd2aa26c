#include "server/body_reader.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "ingest/body.h"
#include "server/wire_format.h"

namespace nmstore::server {

namespace asio = boost::asio;

namespace {

BodyEnd end_of(Io io) {
    switch (io) {
        case Io::ok:
            return BodyEnd::complete;
        case Io::eof:
            return BodyEnd::cut_short;
        case Io::timeout:
            return BodyEnd::too_slow;
        case Io::failed:
            break;
    }
    return BodyEnd::broken;
}

}  // namespace

Deadline BodyReader::deadline(std::size_t received) const {
    const auto rate = std::max<std::size_t>(limits_.min_body_bytes_per_second, 1);
    const auto at_this_rate = std::chrono::milliseconds(received * 1000 / rate);
    return std::min(after(limits_.body_idle_timeout), begun_ + limits_.body_grace + at_this_rate);
}

asio::awaitable<BodyEnd> BodyReader::read(std::string& body, BodyMemory::Share& share) {
    if (!has_body()) co_return BodyEnd::complete;
    if (parser_.content_length() > limits_.max_body) co_return BodyEnd::too_large;
    const bool room = co_await reserve(share, static_cast<std::size_t>(parser_.content_length()));
    if (!room) co_return BodyEnd::no_room;
    if (parser_.expects_continue() && connection_.input().empty()) {
        const Io io = co_await connection_.write(kContinue, "", limits_.write_timeout);
        if (io != Io::ok) co_return BodyEnd::broken;
    }
    begun_ = std::chrono::steady_clock::now();
    BodyEnd end = BodyEnd::complete;
    if (parser_.chunked()) {
        end = co_await read_chunked(body, share);
    } else {
        end = co_await read_declared(body);
    }
    co_return end;
}

asio::awaitable<BodyEnd> BodyReader::read_declared(std::string& body) {
    const auto declared = static_cast<std::size_t>(parser_.content_length());
    body.reserve(declared + ingest::kBodyPadding);
    Io io = Io::ok;
    while (body.size() < declared && io == Io::ok) {
        io = co_await connection_.read_into(body, declared - body.size(), deadline(body.size()));
    }
    co_return end_of(io);
}

asio::awaitable<BodyEnd> BodyReader::read_chunked(std::string& body, BodyMemory::Share& share) {
    BodyEnd end = BodyEnd::complete;
    while (!parser_.body_done() && end == BodyEnd::complete) {
        const std::size_t before = connection_.input().size();
        if (before > 0) end = co_await feed(body, share);
        const bool stuck = connection_.input().size() == before;
        if (end == BodyEnd::complete && stuck && !parser_.body_done()) {
            const Io io = co_await connection_.read_more(deadline(body.size()));
            end = end_of(io);
        }
    }
    co_return end;
}

asio::awaitable<BodyEnd> BodyReader::feed(std::string& body, BodyMemory::Share& share) {
    // Grows in doubling steps, as its length is not known; never beyond what it may hold.
    const std::size_t need = std::min(body.size() + connection_.input().size(), limits_.max_body);
    if (need > share.bytes()) {
        const std::size_t step = std::min(std::max(need, 2 * share.bytes()), limits_.max_body);
        const bool room = co_await reserve(share, step);
        if (!room) co_return BodyEnd::no_room;
        body.reserve(share.bytes() + ingest::kBodyPadding);
    }
    const RequestParser::Step step = parser_.feed_chunked(connection_.input(), body);
    connection_.take(step.used);
    if (step.fault == RequestParser::Fault::body_too_large) co_return BodyEnd::too_large;
    if (step.fault != RequestParser::Fault::none) {
        why_ = step.why;
        co_return BodyEnd::malformed;
    }
    co_return BodyEnd::complete;
}

asio::awaitable<bool> BodyReader::reserve(BodyMemory::Share& share, std::size_t bytes) {
    const Deadline deadline = after(limits_.body_memory_wait);
    Io io = Io::ok;
    while (!share.grow_to(bytes)) {
        io = co_await connection_.wait(deadline);
        if (io != Io::ok) break;
    }
    if (io != Io::ok) share.stop_waiting();
    co_return io == Io::ok;
}

bool BodyReader::is_drainable() const {
    return !parser_.chunked() && !parser_.expects_continue() &&
           parser_.content_length() <= limits_.max_drained_body;
}

asio::awaitable<BodyEnd> BodyReader::drain() {
    auto left = static_cast<std::size_t>(parser_.content_length());
    std::size_t drained = 0;
    std::string scratch;
    begun_ = std::chrono::steady_clock::now();
    Io io = Io::ok;
    while (left > 0 && io == Io::ok) {
        scratch.clear();
        io = co_await connection_.read_into(scratch, left, deadline(drained));
        left -= scratch.size();
        drained += scratch.size();
    }
    co_return end_of(io);
}

}  // namespace nmstore::server
