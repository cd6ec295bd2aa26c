// What those who follow cost, for /metrics.
#pragma once

#include <cstdint>
#include <string>

namespace nmstore::server {

struct RealtimeStats {
    std::uint64_t topics = 0;
    std::uint64_t readers = 0;
    std::uint64_t events = 0;          // since start, as are the following: made for topics
    std::uint64_t delivered = 0;       // to readers
    std::uint64_t dropped = 0;         // told as missed to readers that wanted it so
    std::uint64_t catch_ups = 0;       // times that a reader has been sent to the store
    std::uint64_t catch_up_bytes = 0;  // held by those that are there now
    std::uint64_t catch_up_waits = 0;  // times that one had to wait for room
    std::uint64_t gaps = 0;            // times that the store had forgotten what a reader missed
    std::uint64_t failures = 0;        // changes or reads that failed
    std::uint64_t behind = 0;          // changes that are not told yet, about
};

// Appends it in the text format of Prometheus.
void append_text(std::string& out, const RealtimeStats& stats);

}  // namespace nmstore::server
