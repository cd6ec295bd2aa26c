// What of a connection is TLS: how it begins and ends, and how two pieces become one record.
#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "server/tls_stream.h"

namespace nmstore::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr unsigned char kHandshakeRecord = 0x16;  // what TLS begins with
constexpr std::size_t kRecordBytes = 16 * 1024;
constexpr std::string_view kPlainAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 35\r\nConnection: close\r\n\r\n"
    "this port speaks TLS: use https://\n";

}  // namespace

asio::awaitable<Io> Connection::begin_tls(TlsContext context, Deadline deadline) {
    set_deadline(deadline);
    error_code error;
    co_await socket_.async_wait(asio::ip::tcp::socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    unsigned char first = 0;
    if (!error) socket_.receive(asio::buffer(&first, 1), asio::ip::tcp::socket::message_peek, error);
    if (error) {
        clear_deadline();
        co_return outcome(error);
    }
    if (first != kHandshakeRecord) {
        // To a client of plain HTTP; what speaks neither is only cut off.
        if (first >= 'A' && first <= 'Z') {
            co_await asio::async_write(socket_, asio::buffer(kPlainAnswer.data(), kPlainAnswer.size()),
                                       asio::redirect_error(asio::use_awaitable, error));
            clear_deadline();
            co_await close_gently(std::chrono::milliseconds(1000));
        }
        clear_deadline();
        co_return Io::failed;
    }
    SSL* const session = SSL_new(context.get());
    if (session == nullptr) {
        ERR_clear_error();
        clear_deadline();
        co_return Io::failed;
    }
    tls_ = std::make_unique<Tls>(socket_, session);
    co_await tls_->stream.async_handshake(asio::ssl::stream_base::server,
                                          asio::redirect_error(asio::use_awaitable, error));
    clear_deadline();
    if (!error) co_return Io::ok;
    co_return outcome(error);
}

asio::awaitable<std::size_t> Connection::write_tls(std::string_view first, std::string_view second,
                                                   error_code& error) {
    // A record is made of one piece: a short head goes with what follows it.
    std::string both;
    std::string_view piece = first.empty() ? second : first;
    if (!first.empty() && !second.empty() && first.size() < kRecordBytes) {
        both.reserve(std::min(kRecordBytes, first.size() + second.size()));
        both = first;
        both += second.substr(0, kRecordBytes - first.size());
        piece = both;
    }
    co_return co_await tls_->stream.async_write_some(asio::buffer(piece.data(), piece.size()),
                                                     asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<void> Connection::end_tls(Deadline deadline) {
    SSL* const session = tls_->stream.native_handle();
    // Says that we send no more, without waiting for the client to say so too.
    SSL_set_shutdown(session, SSL_get_shutdown(session) | SSL_RECEIVED_SHUTDOWN);
    set_deadline(deadline);
    error_code error;
    co_await tls_->stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    std::string dropped(kWatchBytes, '\0');
    for (error.clear(); !error && !expired_ && !closed_;) {
        co_await socket_.async_read_some(asio::buffer(dropped),
                                         asio::redirect_error(asio::use_awaitable, error));
    }
    clear_deadline();
}

}  // namespace nmstore::server
