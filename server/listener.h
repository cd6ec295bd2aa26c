// The listening socket, the thread of all sockets, and the way to stop them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "nmstore/result.h"
#include "server/listen_address.h"
#include "server/metrics.h"
#include "server/open_connections.h"
#include "server/service.h"
#include "server/tls_source.h"
#include "server/transport_limits.h"
#include "server/worker_pool.h"

namespace nmstore::server {

class Listener {
  public:
    struct Options {
        ListenAddress address;  // port 0: any free one
        TransportLimits limits;
        bool access_log = false;
        // With a certificate: TLS on tls_address, or, where that is nullopt, on `address`.
        std::shared_ptr<const TlsSource> tls{};
        std::optional<ListenAddress> tls_address{};
        OpenConnections* connections = nullptr;  // where they are noted, outlives the listener; none: nowhere
    };
    // Listens and serves from now on, on a thread of its own, and runs handlers in the pool, but for routes
    // that are urgent, for which it has two threads. service, pool and metrics must outlive the
    // listener; the pool must be empty (closed) before the listener is destroyed. unavailable: the address
    // cannot be had.
    static Result<std::unique_ptr<Listener>> start(const Options& options, const Service& service,
                                                   WorkerPool& pool, Metrics& metrics);
    virtual ~Listener() = default;  // abandons what is left

    // With the real ports.
    virtual ListenAddress address() const = 0;
    virtual std::optional<ListenAddress> tls_address() const = 0;  // of the second socket

    // The calls below may be made from any thread.
    // Takes no new connection, ends those that wait for a request, lets the others finish theirs.
    virtual void begin_drain() = 0;
    // true once no connection is left.
    virtual bool wait_drained(std::chrono::milliseconds patience) = 0;
    // Breaks all connections; their requests' gone() turns true.
    virtual void abandon() = 0;
};

}  // namespace nmstore::server
