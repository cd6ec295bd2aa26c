// What the server counts, and its Prometheus text. All calls from any thread; none blocks for long.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "nmstore/store.h"
#include "server/http.h"

namespace nmstore::server {

// A gauge or a counter that the transport moves itself.
using Number = std::atomic<std::int64_t>;

// Answers that stay open, by what they speak.
enum class StreamKind : std::uint8_t { sse, ndjson, websocket, poll };

class Metrics {
  public:
    Metrics();
    // `pattern`: the route's ("" if none matched), never a path that a client could make up.
    void request_done(std::string_view pattern, Method method, int status, std::chrono::nanoseconds took);
    // A named limit was hit: "max_body", "query_timeout", … Names must come from the program, not from a
    // client.
    void limit_hit(std::string_view name);
    std::uint64_t limit_hits(std::string_view name) const;
    // Any other count, told as nmstore_<name>_total.
    void count(std::string_view name, std::uint64_t n = 1);

    void stream_began(StreamKind kind);
    void stream_ended(StreamKind kind);
    std::int64_t streams(StreamKind kind) const;  // open now

    // A run of the retention in the background has ended.
    void note_retention(const Result<RetentionReport>& report);

    Number bytes_in{0};
    Number bytes_out{0};
    Number connections{0};          // open now
    Number connections_total{0};    // ever accepted
    Number requests_in_flight{0};   // read, not yet answered; without the answers that stay open
    Number websocket_messages{0};   // that clients sent
    Number websocket_faults{0};     // clients that broke the protocol
    Number bodies_memory_bytes{0};  // held by request bodies now
    Number queue_length{0};         // requests that wait for a worker
    Number handler_exceptions{0};
    Number auth_failures{0};
    Number tls_handshakes{0};  // begun
    Number tls_failures{0};    // that did not come to an end
    Number retention_runs{0};
    Number retention_failures{0};
    Number retention_over_bytes{0};  // after the last run
    Number alert_rules{0};
    Number alerts_firing{0};
    Number alerts_written{0};
    Number alerts_lost{0};            // too many waited for the store to be writable
    Number alert_groups_left_out{0};  // lines or readings for which a rule had too many groups
    Number alert_failures{0};         // parts of changes that could not be read
    Number alert_gaps{0};             // times that changes were not kept until they were evaluated
    Number alert_rules_reset{0};      // for that, because the store could not be read in its place
    Number webhooks_waiting{0};
    Number webhooks_sent{0};
    Number webhooks_failed{0};   // tries
    Number webhooks_dropped{0};  // given up, or too many

    // Prometheus text format 0.0.4.
    std::string text(const StoreStats& store) const;

  private:
    static constexpr std::array<double, 14> kBucketSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                           0.1,    0.25,  0.5,    1,     2.5,  5,     10};
    struct Latency {
        std::array<std::uint64_t, kBucketSeconds.size() + 1> buckets{};
        double sum_seconds = 0;
        std::uint64_t count = 0;
    };
    using RequestKey = std::tuple<std::string, std::string, int>;  // pattern, method, status

    void append_requests(std::string& out) const;
    void append_alerts(std::string& out) const;
    void append_streams(std::string& out) const;

    static constexpr std::array<std::string_view, 4> kStreamNames{"sse", "ndjson", "websocket", "poll"};
    std::array<Number, kStreamNames.size()> streams_{};  // by StreamKind
    std::array<Number, kStreamNames.size()> streams_total_{};

    mutable std::mutex mutex_;
    std::map<RequestKey, std::uint64_t, std::less<>> requests_;
    std::map<std::pair<std::string, std::string>, Latency, std::less<>> latencies_;  // by pattern and method
    std::map<std::string, std::uint64_t, std::less<>> limits_;
    std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace nmstore::server
