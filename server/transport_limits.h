// The limits of the transport, by the names under which /metrics tells how often each was hit.
#pragma once

#include <chrono>
#include <cstddef>

#include "server/config.h"

namespace nmstore::server {

struct TransportLimits {
    std::size_t max_header = 64 * kKiB;
    std::size_t max_body = 128 * kMiB;
    std::size_t max_bodies_memory = 512 * kMiB;
    std::size_t max_connections = 4096;

    std::chrono::milliseconds header_timeout{10000};  // from a request's first byte to the end of its headers
    std::chrono::milliseconds idle_timeout{75000};    // between requests, and before the first
    std::chrono::milliseconds write_timeout{60000};   // without a byte taken by the client

    // A body must bring a byte within body_idle_timeout, and, once body_grace is over, so many bytes a second
    // from its beginning.
    std::chrono::milliseconds body_idle_timeout{30000};
    std::chrono::milliseconds body_grace{20000};
    std::size_t min_body_bytes_per_second = 4 * kKiB;
    std::chrono::milliseconds body_memory_wait{10000};  // for room among the bodies in memory, then 503

    std::size_t max_drained_body =
        256 * kKiB;                           // of a refused request, read and dropped to keep the connection
    std::chrono::milliseconds linger{10000};  // a closing connection reads and drops so long
    std::size_t max_stream_buffer = 256 * kKiB;  // of a streamed answer, not yet taken by the client
    std::size_t max_event_bytes = 64 * kKiB;     // of a stream of events, written at once
    std::size_t max_message = 1 * kMiB;          // that a WebSocket's client sends
    std::chrono::milliseconds heartbeat{15000};  // a stream of events is never silent for longer
    std::size_t max_refusals = 64;  // connections over max_connections that get an answer at a time

    static TransportLimits from(const Config& config) {
        TransportLimits limits;
        limits.max_header = config.max_header;
        limits.max_body = config.max_body;
        limits.max_bodies_memory = config.max_bodies_memory;
        limits.max_connections = config.max_connections;
        limits.header_timeout = config.header_timeout;
        limits.idle_timeout = config.idle_timeout;
        limits.write_timeout = config.write_timeout;
        limits.max_message = config.max_message;
        limits.heartbeat = config.heartbeat;
        return limits;
    }
};

}  // namespace nmstore::server
