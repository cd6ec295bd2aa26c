// A session: the requests of one connection, one after the other, until it ends. Private to listener.cpp and
// the files of sessions.
#pragma once

#include <atomic>
#include <memory>

#include "server/body_memory.h"
#include "server/connection.h"
#include "server/metrics.h"
#include "server/open_connections.h"
#include "server/service.h"
#include "server/transport_limits.h"
#include "server/worker_pool.h"

namespace nmstore::server {

// What all sessions of a listener share. Lives longer than they.
struct Transport {
    const Service& service;
    WorkerPool& pool;
    WorkerPool& urgent_pool;  // for routes that are urgent
    Metrics& metrics;
    const TransportLimits limits;
    BodyMemory body_memory;
    const bool access_log;
    bool stopping = false;  // answers say "Connection: close"
    std::string request_id_prefix;
    std::uint64_t requests = 0;
    OpenConnections* connections = nullptr;
};

// Returns when the connection is closed.
boost::asio::awaitable<void> serve_connection(std::shared_ptr<Connection> connection, Transport& transport);

// Says 503 to a connection that is one too many, and closes it.
boost::asio::awaitable<void> refuse_connection(std::shared_ptr<Connection> connection, Transport& transport);

}  // namespace nmstore::server
