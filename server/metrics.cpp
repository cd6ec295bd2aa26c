#include "server/metrics.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace nmstore::server {

namespace {

const std::chrono::system_clock::time_point kProcessStart = std::chrono::system_clock::now();

// In the text format a label's value may not hold these as they are.
std::string escape_label(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    return text;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

template <class Value>
void one(std::string& out, std::string_view name, std::string_view type, std::string_view help, Value value) {
    head(out, name, type, help);
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

std::int64_t load(const Number& number) {
    return number.load(std::memory_order_relaxed);
}

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t open_files() {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/fd"), closedir);
    if (!directory) return 0;
    std::uint64_t count = 0;
    while (readdir(directory.get()) != nullptr) ++count;
    return count - std::min<std::uint64_t>(count, 3);  // ".", ".." and the directory itself
}

void append_process(std::string& out) {
    const auto start = std::chrono::duration<double>(kProcessStart.time_since_epoch()).count();
    one(out, "process_resident_memory_bytes", "gauge", "Memory of the process in RAM.", resident_bytes());
    one(out, "process_open_fds", "gauge", "Open files and sockets.", open_files());
    one(out, "process_start_time_seconds", "gauge", "When the process started, since the epoch.",
        fmt::format("{:.3f}", start));
    head(out, "nmstore_build_info", "gauge", "Always 1; the label tells the version.");
    out += "nmstore_build_info{version=\"" NM_VERSION "\"} 1\n";
}

void append_store(std::string& out, const StoreStats& s) {
    one(out, "nmstore_store_disk_bytes", "gauge", "Size of the data directory.", s.disk_bytes);
    one(out, "nmstore_store_log_bytes", "gauge", "Of it, the write-ahead log.", s.log_bytes);
    one(out, "nmstore_store_memory_bytes", "gauge", "Caches and write buffers of the store.", s.memory_bytes);
    one(out, "nmstore_store_rows", "gauge", "Rows in the catalogue, about.", s.rows);
    one(out, "nmstore_store_writable", "gauge", "1, or 0 while the store is read-only.", s.writable ? 1 : 0);
    one(out, "nmstore_store_cells_written_total", "counter", "Cells written.", s.cells_written);
    one(out, "nmstore_store_lines_written_total", "counter", "Lines appended.", s.lines_written);
    one(out, "nmstore_store_lines_cut_total", "counter", "Lines that were too long and have been cut.",
        s.lines_cut);
    one(out, "nmstore_store_counter_steps_total", "counter", "Steps of counters.", s.counter_steps);
    one(out, "nmstore_store_commits_total", "counter", "Batches committed.", s.commits);
    one(out, "nmstore_store_commits_repeated_total", "counter", "Batches recognised as sent before.",
        s.commits_repeated);
    one(out, "nmstore_store_syncs_total", "counter", "fsyncs of the log.", s.syncs);
    one(out, "nmstore_store_expired_dropped_total", "counter", "Cells dropped because their time had come.",
        s.expired_dropped);
    one(out, "nmstore_store_blocks", "gauge", "Sealed blocks.", s.blocks);
    one(out, "nmstore_store_block_lines", "gauge", "Lines in them.", s.block_lines);
    one(out, "nmstore_store_block_text_bytes", "gauge", "Bytes of these lines.", s.block_text_bytes);
    one(out, "nmstore_store_block_bytes", "gauge", "Bytes of the blocks on disk.", s.block_stored_bytes);
    one(out, "nmstore_store_block_cache_bytes", "gauge", "Parts of blocks kept in memory.",
        s.block_cache_bytes);
    one(out, "nmstore_store_block_cache_limit_bytes", "gauge", "What they may take.", s.block_cache_limit);
    head(out, "nmstore_store_block_cache_entries", "gauge", "How many are kept.");
    fmt::format_to(std::back_inserter(out), "nmstore_store_block_cache_entries{{part=\"filter\"}} {}\n",
                   s.block_cache_filters);
    fmt::format_to(std::back_inserter(out), "nmstore_store_block_cache_entries{{part=\"directory\"}} {}\n",
                   s.block_cache_directories);
    fmt::format_to(std::back_inserter(out), "nmstore_store_block_cache_entries{{part=\"section\"}} {}\n",
                   s.block_cache_sections);
    one(out, "nmstore_store_block_cache_hits_total", "counter",
        "Filters and directories that were kept when asked for.", s.block_cache_hits);
    one(out, "nmstore_store_block_cache_misses_total", "counter", "Those that were read.",
        s.block_cache_misses);
    one(out, "nmstore_store_block_cache_section_hits_total", "counter",
        "Other sections of blocks that were kept when asked for.", s.block_cache_section_hits);
    one(out, "nmstore_store_block_cache_section_misses_total", "counter", "Those that were decompressed.",
        s.block_cache_section_misses);
    one(out, "nmstore_store_block_cache_evictions_total", "counter", "Those that made room for others.",
        s.block_cache_evictions);
    one(out, "nmstore_store_index_segments", "gauge", "Segments of the word index.", s.index_segments);
    one(out, "nmstore_store_index_blocks", "gauge", "Blocks that they cover.", s.index_blocks);
    one(out, "nmstore_store_index_bytes", "gauge", "Bytes of the word index on disk, about.", s.index_bytes);
    one(out, "nmstore_store_index_lookups_total", "counter",
        "Words looked up in segments, those known from before left out.", s.index_lookups);
    one(out, "nmstore_store_index_failures_total", "counter",
        "Parts of the word index that could not be read.", s.index_failures);
    one(out, "nmstore_store_fresh_lines", "gauge", "Lines and cells that are in no block yet.",
        s.fresh_lines);
    one(out, "nmstore_store_fresh_bytes", "gauge", "Bytes of these.", s.fresh_bytes);
    one(out, "nmstore_store_blocks_sealed_total", "counter", "Blocks made of fresh lines.", s.blocks_sealed);
    one(out, "nmstore_store_blocks_merged_total", "counter", "Small blocks that went into greater ones.",
        s.blocks_merged);
    one(out, "nmstore_store_sealing_failures_total", "counter",
        "Rows that could not be sealed or merged; each is tried again.", s.sealing_failures);
    one(out, "nmstore_store_damaged_filters_total", "counter",
        "Word filters of blocks that queries had to do without; nm-tool reindex mends them.",
        s.damaged_filters);
    one(out, "nmstore_damage_seen_total", "counter",
        "Reads of table files that met damage; nm-tool verify names the rows that are hurt.", s.damage_seen);
    one(out, "nmstore_damaged_files", "gauge", "Damaged table files known and still there, at most 100.",
        s.damaged_files.size());
    head(out, "nmstore_store_rows_dropped_total", "counter", "Day rows dropped by retention.");
    fmt::format_to(std::back_inserter(out), "nmstore_store_rows_dropped_total{{why=\"age\"}} {}\n",
                   s.rows_dropped_by_age);
    fmt::format_to(std::back_inserter(out), "nmstore_store_rows_dropped_total{{why=\"bytes\"}} {}\n",
                   s.rows_dropped_by_bytes);
    one(out, "nmstore_store_bytes_dropped_total", "counter", "Bytes that these rows held, about.",
        s.bytes_dropped);
    one(out, "nmstore_store_files_dropped_total", "counter",
        "Files that held nothing but what was removed, taken away unread.", s.files_dropped);
    one(out, "nmstore_store_expired_blocks_dropped_total", "counter", "Blocks whose cells had all expired.",
        s.expired_blocks_dropped);
    one(out, "nmstore_store_expired_blocks_rewritten_total", "counter",
        "Blocks made anew without cells that had expired.", s.expired_blocks_rewritten);
    one(out, "nmstore_store_rows_compacted_total", "counter", "Rows compacted in the background.",
        s.rows_compacted);
    one(out, "nmstore_store_blocks_compacted_total", "counter", "Blocks of these rows that were rewritten.",
        s.blocks_compacted);
    one(out, "nmstore_store_upkeep_failures_total", "counter",
        "Looks at expired blocks and settled rows that ended with an error.", s.upkeep_failures);
    one(out, "nmstore_store_disk_free_bytes", "gauge", "Free on the file system of the data directory.",
        s.disk_free_bytes);
    one(out, "nmstore_store_ballast_bytes", "gauge",
        "Set aside for when the disk is full; 0 when it has been given up.", s.ballast_bytes);
    one(out, "nmstore_store_ballast_given_up_total", "counter", "How often it was given up.",
        s.ballast_given_up);
}

}  // namespace

// Limits and counts are there from the start, at 0: what is missing cannot be alerted on.
Metrics::Metrics() {
    for (const char* name :
         {"max_header", "max_body", "max_bodies_memory", "max_connections", "queue", "header_timeout",
          "body_rate", "write_timeout", "max_message", "open_files", "auth_failures", "query_timeout",
          "query_max_lines", "query_max_memory", "agent_message", "agent_connections", "agent_idle",
          "page_bytes", "page_requests"}) {
        limits_[name] = 0;
    }
    for (const char* name :
         {"lines_accepted", "lines_repeated", "lines_rejected", "cells_rejected", "counter_steps_rejected",
          "rows_dropped", "query_lines_scanned", "queries_cancelled", "queries_failed", "requests_cut_short",
          "connections_refused"}) {
        counts_[name] = 0;
    }
}

void Metrics::request_done(std::string_view pattern, Method method, int status,
                           std::chrono::nanoseconds took) {
    const double seconds = std::chrono::duration<double>(took).count();
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(kBucketSeconds.begin(), kBucketSeconds.end(), seconds) - kBucketSeconds.begin());
    const std::string name(method_name(method));
    const std::lock_guard lock(mutex_);
    ++requests_[{std::string(pattern), name, status}];
    Latency& latency = latencies_[{std::string(pattern), name}];
    ++latency.buckets[bucket];
    latency.sum_seconds += seconds;
    ++latency.count;
}

void Metrics::limit_hit(std::string_view name) {
    const std::lock_guard lock(mutex_);
    ++limits_[std::string(name)];
}

std::uint64_t Metrics::limit_hits(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = limits_.find(name);
    return found == limits_.end() ? 0 : found->second;
}

void Metrics::count(std::string_view name, std::uint64_t n) {
    const std::lock_guard lock(mutex_);
    counts_[std::string(name)] += n;
}

void Metrics::stream_began(StreamKind kind) {
    streams_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
    streams_total_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
}

void Metrics::stream_ended(StreamKind kind) {
    streams_[static_cast<std::size_t>(kind)].fetch_sub(1, std::memory_order_relaxed);
}

std::int64_t Metrics::streams(StreamKind kind) const {
    return load(streams_[static_cast<std::size_t>(kind)]);
}

void Metrics::note_retention(const Result<RetentionReport>& report) {
    ++retention_runs;
    if (report.ok()) {
        retention_over_bytes = static_cast<std::int64_t>(report->over_bytes);
    } else if (report.error().code != Code::busy) {
        ++retention_failures;
    }
}

std::string Metrics::text(const StoreStats& store) const {
    std::string out;
    append_requests(out);
    one(out, "nmstore_http_bytes_in_total", "counter", "Bytes read from clients.", load(bytes_in));
    one(out, "nmstore_http_bytes_out_total", "counter", "Bytes written to clients.", load(bytes_out));
    one(out, "nmstore_http_connections", "gauge", "Open connections.", load(connections));
    one(out, "nmstore_http_connections_total", "counter", "Connections accepted.", load(connections_total));
    one(out, "nmstore_http_requests_in_flight", "gauge", "Requests begun and not yet answered.",
        load(requests_in_flight));
    append_streams(out);
    one(out, "nmstore_http_bodies_memory_bytes", "gauge", "Held by the bodies of requests.",
        load(bodies_memory_bytes));
    one(out, "nmstore_http_queue_length", "gauge", "Requests that wait for a worker.", load(queue_length));
    one(out, "nmstore_http_handler_exceptions_total", "counter", "Handlers that failed.",
        load(handler_exceptions));
    one(out, "nmstore_tls_handshakes_total", "counter", "TLS handshakes, also those that failed.",
        load(tls_handshakes));
    one(out, "nmstore_tls_handshake_failures_total", "counter",
        "TLS handshakes that failed: no TLS, too slow, or no certificate that the client trusts.",
        load(tls_failures));
    one(out, "nmstore_http_auth_failures_total", "counter", "Requests with missing or wrong credentials.",
        load(auth_failures));
    one(out, "nmstore_retention_runs_total", "counter", "Runs of the retention in the background.",
        load(retention_runs));
    one(out, "nmstore_retention_failures_total", "counter", "Those of them that failed.",
        load(retention_failures));
    one(out, "nmstore_retention_over_bytes", "gauge",
        "What the store holds over retention-bytes after the last run, and may not drop.",
        load(retention_over_bytes));
    append_alerts(out);
    append_store(out, store);
    append_process(out);
    return out;
}

void Metrics::append_alerts(std::string& out) const {
    one(out, "nmstore_alert_rules", "gauge", "Alert rules that are set.", load(alert_rules));
    one(out, "nmstore_alerts_firing", "gauge", "Alerts that are not resolved.", load(alerts_firing));
    one(out, "nmstore_alerts_written_total", "counter", "Alerts written, those of resolved ones included.",
        load(alerts_written));
    one(out, "nmstore_alerts_lost_total", "counter",
        "Alerts given up because too many waited for the store to be writable.", load(alerts_lost));
    one(out, "nmstore_alert_groups_left_out_total", "counter",
        "How often a rule had too many groups for one more.", load(alert_groups_left_out));
    one(out, "nmstore_alert_failures_total", "counter", "Parts of changes that could not be read for alerts.",
        load(alert_failures));
    one(out, "nmstore_alert_gaps_total", "counter",
        "How often changes were not kept until alerts were evaluated.", load(alert_gaps));
    one(out, "nmstore_alert_rules_reset_total", "counter",
        "Rules that began anew after that, because what was missed could not be read.",
        load(alert_rules_reset));
    one(out, "nmstore_webhooks_waiting", "gauge", "Webhook requests to be sent.", load(webhooks_waiting));
    one(out, "nmstore_webhooks_sent_total", "counter", "Webhook requests that were answered well.",
        load(webhooks_sent));
    one(out, "nmstore_webhooks_failed_total", "counter", "Tries that were not.", load(webhooks_failed));
    one(out, "nmstore_webhooks_dropped_total", "counter", "Webhook requests given up.",
        load(webhooks_dropped));
}

void Metrics::append_streams(std::string& out) const {
    const auto each = [&out](std::string_view name, const auto& numbers) {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            fmt::format_to(std::back_inserter(out), "{}{{transport=\"{}\"}} {}\n", name, kStreamNames[i],
                           load(numbers[i]));
        }
    };
    head(out, "nmstore_streams", "gauge", "Answers that stay open.");
    each("nmstore_streams", streams_);
    head(out, "nmstore_streams_total", "counter", "Answers begun that stay open.");
    each("nmstore_streams_total", streams_total_);
    one(out, "nmstore_websocket_messages_total", "counter", "Messages from clients of WebSockets.",
        load(websocket_messages));
    one(out, "nmstore_websocket_faults_total", "counter",
        "WebSockets closed as their client broke the protocol.", load(websocket_faults));
}

void Metrics::append_requests(std::string& out) const {
    const std::lock_guard lock(mutex_);
    const auto to = std::back_inserter(out);
    head(out, "nmstore_http_requests_total", "counter", "Requests answered.");
    for (const auto& [key, n] : requests_) {
        const auto& [pattern, method, status] = key;
        fmt::format_to(to, "nmstore_http_requests_total{{route=\"{}\",method=\"{}\",status=\"{}\"}} {}\n",
                       escape_label(pattern), method, status, n);
    }
    head(out, "nmstore_http_request_seconds", "histogram",
         "From a request's first byte to its answer's last.");
    for (const auto& [key, latency] : latencies_) {
        const std::string labels =
            fmt::format("route=\"{}\",method=\"{}\"", escape_label(key.first), key.second);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < kBucketSeconds.size(); ++i) {
            sum += latency.buckets[i];
            fmt::format_to(to, "nmstore_http_request_seconds_bucket{{{},le=\"{}\"}} {}\n", labels,
                           kBucketSeconds[i], sum);
        }
        fmt::format_to(to, "nmstore_http_request_seconds_bucket{{{},le=\"+Inf\"}} {}\n", labels,
                       latency.count);
        fmt::format_to(to, "nmstore_http_request_seconds_sum{{{}}} {}\n", labels, latency.sum_seconds);
        fmt::format_to(to, "nmstore_http_request_seconds_count{{{}}} {}\n", labels, latency.count);
    }
    head(out, "nmstore_limit_hits_total", "counter", "How often a named limit was hit.");
    for (const auto& [name, n] : limits_) {
        fmt::format_to(to, "nmstore_limit_hits_total{{limit=\"{}\"}} {}\n", escape_label(name), n);
    }
    for (const auto& [name, n] : counts_) {
        one(out, "nmstore_" + name + "_total", "counter", "Counted by the server.", n);
    }
}

}  // namespace nmstore::server
