#include "server/connection.h"

#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <sstream>

#include "server/tls_stream.h"

namespace nmstore::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int kMostUnsent = 128 * 1024;

std::string name_of(const asio::ip::tcp::socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return "unknown:0";
    std::ostringstream text;
    text << endpoint;
    return text.str();
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Metrics& metrics)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      event_(socket_.get_executor(), Deadline::max()),
      metrics_(metrics),
      peer_(name_of(socket_)) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() = default;

// ---- Deadlines ----------------------------------------------------------------------------------

void Connection::set_deadline(Deadline deadline) {
    deadline_ = std::min(deadline, latest_);
    expired_ = false;
    if (!timer_runs_ || deadline_ < timer_at_) run_timer(deadline_);
}

void Connection::hurry(std::chrono::milliseconds patience) {
    latest_ = std::min(latest_, after(patience));
    // What has none is a wait() for somebody else, or nothing.
    if (deadline_ != Deadline::max() && deadline_ > latest_ && !closed_) set_deadline(latest_);
}

void Connection::run_timer(Deadline at) {
    if (at == Deadline::max()) return;
    timer_runs_ = true;
    timer_at_ = at;
    timer_.expires_at(at);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (error) return;  // replaced by an earlier one, or closed
        self->timer_runs_ = false;
        if (self->deadline_ == Deadline::max()) return;
        if (std::chrono::steady_clock::now() < self->deadline_) {
            self->run_timer(self->deadline_);
            return;
        }
        self->expired_ = true;
        self->deadline_ = Deadline::max();
        error_code ignored;
        if (!self->only_waits_) self->socket_.cancel(ignored);
        self->event_.cancel();
    });
}

Io Connection::outcome(const error_code& error) {
    if (!error) return Io::ok;
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return Io::eof;
    if (expired_ && error == asio::error::operation_aborted) return Io::timeout;
    return Io::failed;
}

// ---- Reading ------------------------------------------------------------------------------------

void Connection::take(std::size_t bytes) {
    used_ += bytes;
    if (used_ == input_.size()) {
        input_.clear();
        used_ = 0;
        if (input_.capacity() > 4 * kReadBytes) input_.shrink_to_fit();
    }
}

void Connection::watch() {
    watch_wanted_ = true;
    begin_watch();
}

void Connection::begin_watch() {
    if (watching_ || watch_end_ != Io::ok || watched_.size() >= kMaxWatchedBytes || closed_) return;
    watching_ = true;
    if (watch_room_.empty()) watch_room_.resize(kWatchBytes);
    const auto room = asio::buffer(watch_room_.data(), watch_room_.size());
    auto done = [self = shared_from_this()](const error_code& error, std::size_t bytes) {
        self->watching_ = false;
        self->metrics_.bytes_in.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
        self->watched_.append(self->watch_room_.data(), bytes);
        if (bytes == self->watch_room_.size() && bytes < kMostWatchBytes) {
            self->watch_room_.resize(2 * bytes);
        } else if (bytes < kWatchBytes && self->watch_room_.size() > kWatchBytes) {
            std::string(kWatchBytes, '\0').swap(self->watch_room_);
        }
        if (error && !(error == asio::error::operation_aborted && self->expired_)) {
            self->watch_end_ = self->outcome(error);
            self->gone_->store(true);
        }
        self->woken_ = true;
        self->event_.cancel();
        if (!error && self->watch_wanted_) self->begin_watch();
    };
    if (tls_) {
        tls_->stream.async_read_some(room, std::move(done));
    } else {
        socket_.async_read_some(room, std::move(done));
    }
}

bool Connection::take_watched() {
    const bool something = !watched_.empty();
    if (something && input().empty()) {
        input_.swap(watched_);
        used_ = 0;
    } else if (something) {
        input_.erase(0, used_);
        used_ = 0;
        input_ += watched_;
    }
    watched_.clear();
    if (watch_wanted_) begin_watch();
    return something;
}

void Connection::release_room() {
    if (input().empty()) {
        std::string().swap(input_);  // assigning a short string would keep the room
        used_ = 0;
    }
    if (watched_.empty()) std::string().swap(watched_);
}

void Connection::find_dead_peer(std::chrono::milliseconds patience) {
    const int handle = socket_.native_handle();
    const auto set = [handle](int level, int name, int value) {
        static_cast<void>(setsockopt(handle, level, name, &value, sizeof value));
    };
    const int seconds = std::max(1, static_cast<int>(patience.count() / 1000));
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, seconds / 2));
    set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 6));
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(patience.count()));
    set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMostUnsent);
}

asio::awaitable<Io> Connection::read_more(Deadline deadline) {
    if (used_ > 0) {
        input_.erase(0, used_);
        used_ = 0;
    }
    watch_wanted_ = false;
    set_deadline(deadline);
    while (watching_ && watched_.empty()) {
        error_code ignored;
        co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (expired_) {
            clear_deadline();
            co_return Io::timeout;
        }
    }
    if (!watched_.empty()) {
        clear_deadline();
        input_ += watched_;
        watched_.clear();
        co_return Io::ok;
    }
    if (watch_end_ != Io::ok) {
        clear_deadline();
        co_return watch_end_;
    }
    const std::size_t before = input_.size();
    input_.resize(before + kReadBytes);
    error_code error;
    const auto room = asio::buffer(input_.data() + before, kReadBytes);
    std::size_t bytes = 0;
    if (tls_) {
        bytes = co_await tls_->stream.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    } else {
        bytes = co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    }
    input_.resize(before + bytes);
    clear_deadline();
    metrics_.bytes_in.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
    co_return outcome(error);
}

asio::awaitable<Io> Connection::read_into(std::string& body, std::size_t want, Deadline deadline) {
    if (input().empty() && (watching_ || !watched_.empty() || watch_end_ != Io::ok)) {
        const Io io = co_await read_more(deadline);
        if (io != Io::ok) co_return io;
    }
    if (!input().empty()) {
        const std::string_view piece = input().substr(0, want);
        body.append(piece);
        take(piece.size());
        co_return Io::ok;
    }
    const std::size_t before = body.size();
    const std::size_t piece = std::min(want, kBodyReadBytes);
    body.resize(before + piece);
    set_deadline(deadline);
    error_code error;
    const auto room = asio::buffer(body.data() + before, piece);
    std::size_t bytes = 0;
    if (tls_) {
        bytes = co_await tls_->stream.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    } else {
        bytes = co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    }
    clear_deadline();
    body.resize(before + bytes);
    metrics_.bytes_in.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
    co_return outcome(error);
}

// ---- Writing ------------------------------------------------------------------------------------

asio::awaitable<Io> Connection::write(std::string_view first, std::string_view second,
                                      std::chrono::milliseconds patience) {
    while (!first.empty() || !second.empty()) {
        set_deadline(after(patience));
        error_code error;
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(first.data(), first.size()),
                                                       asio::buffer(second.data(), second.size())};
        std::size_t bytes = 0;
        if (tls_) {
            bytes = co_await write_tls(first, second, error);
        } else {
            bytes =
                co_await socket_.async_write_some(pieces, asio::redirect_error(asio::use_awaitable, error));
        }
        clear_deadline();
        metrics_.bytes_out.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
        if (error) {
            gone_->store(true);
            co_return outcome(error);
        }
        const std::size_t of_first = std::min(bytes, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(bytes - of_first);
    }
    co_return Io::ok;
}

// ---- Waiting and ending -------------------------------------------------------------------------

asio::awaitable<Io> Connection::wait(Deadline deadline) {
    only_waits_ = true;
    set_deadline(deadline);
    while (!woken_ && !expired_ && !closed_) {
        error_code ignored;
        co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    clear_deadline();
    only_waits_ = false;
    if (closed_) co_return Io::failed;
    if (!woken_) co_return Io::timeout;
    woken_ = false;
    co_return Io::ok;
}

void Connection::wake() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->woken_ = true;
        self->event_.cancel();
    });
}

asio::awaitable<void> Connection::close_gently(std::chrono::milliseconds patience) {
    const Deadline deadline = after(patience);
    closing = true;
    if (tls_) {
        co_await end_tls(deadline);
        close_now();
        co_return;
    }
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    Io io = Io::ok;
    while (io == Io::ok) {
        take(input().size());
        io = co_await read_more(deadline);
    }
    close_now();
}

void Connection::close_now() {
    if (closed_) return;
    closed_ = true;
    gone_->store(true);
    deadline_ = Deadline::max();
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    woken_ = true;
    event_.cancel();
}

}  // namespace nmstore::server
