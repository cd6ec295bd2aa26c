// The TLS of one connection, over its socket. Private to connection*.cpp: it shows Asio.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "server/connection.h"

namespace nmstore::server {

struct Connection::Tls {
    // Takes `session`. The socket must outlive it.
    Tls(boost::asio::ip::tcp::socket& socket, SSL* session) : stream(socket, session) {}
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket&> stream;
};

}  // namespace nmstore::server
