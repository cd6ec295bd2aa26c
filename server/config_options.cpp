#include "server/config_options.h"

#include "query/retention_text.h"
#include "server/config_replication.h"
#include "server/config_values.h"
#include "server/page_origin.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kMaxWorkers = 1024;
constexpr std::size_t kMaxQueue = 1'000'000;
constexpr std::size_t kMaxConnectionsAllowed = 1'000'000;
// Of a block's text: less is of use in tests only; more takes memory in proportion wherever a block is
// opened.
constexpr std::size_t kLeastBlockBytes = 64;
constexpr std::size_t kMostBlockMib = 4;
// Who follows takes a server for dead that says nothing for a minute.
constexpr std::chrono::milliseconds kLeastHeartbeat{100};
constexpr std::chrono::milliseconds kMostHeartbeat{30000};
constexpr std::size_t kMostMessageMib = 64;
constexpr std::size_t kLeastChangesBytes = 64 * kKiB;
constexpr std::size_t kMaxOrigins = 100;

Error wrong(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

Result<void> set_sync(Config& config, std::string_view value) {
    constexpr std::string_view interval = "interval:";
    if (value == "always") {
        config.sync = SyncMode::always;
    } else if (value == "off") {
        config.sync = SyncMode::off;
    } else if (value.substr(0, interval.size()) == interval) {
        NM_TRY(set_number(config.sync_interval_ms, value.substr(interval.size()), 1, 3600 * 1000));
        config.sync = SyncMode::interval;
    } else {
        return wrong("'" + std::string(value) + "' is none of always, interval:MS, off");
    }
    return {};
}

Result<void> set_compact_after(Config& config, std::string_view value) {
    config.compact_after_ms.reset();
    if (value == "never") return {};
    NM_ASSIGN(config.compact_after_ms, query::parse_age(value));
    if (!config.compact_after_ms) return wrong("'forever' is no time to wait: say never");
    return {};
}

Result<void> set_heartbeat(Config& config, std::string_view value) {
    NM_TRY(set_duration(config.heartbeat, value));
    if (config.heartbeat < kLeastHeartbeat || config.heartbeat > kMostHeartbeat)
        return wrong("'" + std::string(value) + "' is not from 100ms to 30s");
    return {};
}

Result<void> set_changes_age(Config& config, std::string_view value) {
    NM_ASSIGN(const std::optional<std::int64_t> age_ms, query::parse_age(value));
    if (!age_ms) return wrong("they are not kept forever: say an age, as in 7d");
    config.changes.keep_ms = *age_ms;
    return {};
}

Result<void> add_origin(Config& config, std::string_view value) {
    if (config.allow_origins.size() == kMaxOrigins) return wrong("there are too many origins");
    NM_ASSIGN(std::string origin, parse_origin(value));
    config.allow_origins.push_back(std::move(origin));
    return {};
}

constexpr std::string_view kStore = "Store";
constexpr std::string_view kSealing = "Sealing (the defaults are what was measured to be good)";
constexpr std::string_view kRetention = "How long logs are kept";
constexpr std::string_view kListening = "Listening";
constexpr std::string_view kCredentials = "Credentials";
constexpr std::string_view kRequests = "Limits on requests";
constexpr std::string_view kFollowing = "Those who follow what is written";
constexpr std::string_view kQueries = "Limits on queries";
constexpr std::string_view kWebhooks = "Webhooks of alerts";
constexpr std::string_view kTelling = "Log";
using Kind = OptionKind;
using Value = std::string_view;

const std::vector<Option> kOptions = {
    {"data", kStore, Kind::text, "DIR", "./data", "Data directory; made if missing",
     [](Config& c, Value v) { return set_text(c.data, v); }},
    {"backup-dir", kStore, Kind::text, "DIR", "DATA/backups", "Where backups go that are asked for over HTTP",
     [](Config& c, Value v) { return set_text(c.backup_dir, v); }},
    {"sync", kStore, Kind::text, "MODE", "always",
     "When a write is answered: always (once it is on disk), interval:MS (at once; on disk within MS), off",
     set_sync},
    {"memory", kStore, Kind::size, "SIZE", "128MiB", "Caches and write buffers of the store, about",
     [](Config& c, Value v) { return set_size(c.memory, v, 8 * kMiB); }},
    {"ballast", kStore, Kind::size, "SIZE", "64MiB",
     "A file in DATA, made when the disk fills up and given up when it is full, so that old data can be "
     "dropped; at "
     "most a twentieth of the disk; 0: none",
     [](Config& c, Value v) { return set_size(c.ballast, v, 0); }},
    {"compact-after", kStore, Kind::text, "AGE", "1d",
     "Rows of days that have been over for so long are compacted in the background: 12h, 1d, 2w, or never",
     set_compact_after},

    {"seal-block", kSealing, Kind::size, "SIZE", "2MiB", "Text that a block has, about; up to 4MiB",
     [](Config& c, Value v) { return set_size(c.sealing.block_bytes, v, kLeastBlockBytes, kMostBlockMib); }},
    {"seal-direct", kSealing, Kind::size, "SIZE", "32KiB",
     "Lines of one log in one post become a block at once from here on",
     [](Config& c, Value v) { return set_size(c.sealing.direct_bytes, v, 1); }},
    {"seal-idle", kSealing, Kind::size, "SIZE", "16KiB",
     "A log's lines become a block if they are so much and nothing came for --seal-idle-after",
     [](Config& c, Value v) { return set_size(c.sealing.idle_bytes, v, 1); }},
    {"seal-idle-after", kSealing, Kind::duration, "TIME", "5s", "See --seal-idle",
     [](Config& c, Value v) { return set_time(c.sealing.idle_ms, v); }},
    {"seal-old", kSealing, Kind::size, "SIZE", "2KiB",
     "Or if they are so much and the first came --seal-old-after ago",
     [](Config& c, Value v) { return set_size(c.sealing.old_bytes, v, 1); }},
    {"seal-old-after", kSealing, Kind::duration, "TIME", "1h", "See --seal-old",
     [](Config& c, Value v) { return set_time(c.sealing.old_ms, v); }},
    {"seal-oldest-after", kSealing, Kind::duration, "TIME", "24h",
     "Or if the first came so long ago, however little it is",
     [](Config& c, Value v) { return set_time(c.sealing.oldest_ms, v); }},
    {"seal-settle-after", kSealing, Kind::duration, "TIME", "10m",
     "A log to which nothing came for so long gets as few blocks as it can",
     [](Config& c, Value v) { return set_time(c.sealing.settle_ms, v); }},

    {"retention", kRetention, Kind::text, "AGE", "forever",
     "Days of logs, plugins and alerts go once they are older: 12h, 30d, 2w, 1y, forever",
     [](Config& c, Value v) -> Result<void> {
         NM_ASSIGN(c.retention.keep_ms, query::parse_age(v));
         return {};
     }},
    {"retention-rule", kRetention, Kind::list, "RULE", "",
     "Other ages for some: [KIND:]CLIENT[/LOG]=AGE with globs, alerts=AGE; may be repeated, the first that "
     "matches decides",
     [](Config& c, Value v) -> Result<void> {
         NM_ASSIGN(RetentionRule rule, query::parse_retention_rule(v));
         if (c.retention.rules.size() == query::kMaxRetentionRules) return wrong("there are too many rules");
         c.retention.rules.push_back(std::move(rule));
         return {};
     }},
    {"retention-bytes", kRetention, Kind::size, "SIZE", "",
     "Where the store holds more, its oldest days go, up to yesterday's: 50GB, 500GiB",
     [](Config& c, Value v) -> Result<void> {
         NM_ASSIGN(c.retention.max_bytes, query::parse_bytes(v));
         if (c.retention.max_bytes == 0) return wrong("'" + std::string(v) + "' is not a size over 0");
         return {};
     }},
    {"retention-forget", kRetention, Kind::flag, "", "",
     "Also take clients, logs and plugins of which nothing is left out of the lists of them",
     [](Config& c, Value v) { return set_flag(c.retention.forget_names, v); }},
    {"retention-interval", kRetention, Kind::duration, "TIME", "10m", "How often it is looked at",
     [](Config& c, Value v) -> Result<void> {
         NM_TRY(set_duration(c.retention_interval, v));
         if (c.retention_interval < std::chrono::milliseconds(100))
             return wrong("'" + std::string(v) + "' is below the least, 100ms");
         return {};
     }},

    {"listen", kListening, Kind::text, "HOST:PORT", "127.0.0.1:8001",
     "IPv6 as [ADDRESS]:PORT; port 0 takes a free one",
     [](Config& c, Value v) { return set_text(c.listen, v); }},
    {"port-file", kListening, Kind::text, "FILE", "", "Write the port there once it is listened to",
     [](Config& c, Value v) { return set_text(c.port_file, v); }},
    {"tls-cert", kListening, Kind::text, "FILE", "",
     "Speak TLS with this certificate (PEM, the chain behind it); read again on SIGHUP",
     [](Config& c, Value v) { return set_text(c.tls_cert, v); }},
    {"tls-key", kListening, Kind::text, "FILE", "", "The certificate's key (PEM, without a password)",
     [](Config& c, Value v) { return set_text(c.tls_key, v); }},
    {"tls-listen", kListening, Kind::text, "HOST:PORT", "",
     "Speak TLS there, and plain HTTP on --listen; not given: TLS on --listen",
     [](Config& c, Value v) { return set_text(c.tls_listen, v); }},
    {"tls-port-file", kListening, Kind::text, "FILE", "", "As --port-file, of --tls-listen",
     [](Config& c, Value v) { return set_text(c.tls_port_file, v); }},
    {"agent-listen", kListening, Kind::text, "HOST:PORT", "",
     "Take the messages of old agents there (their port is 9997); anybody who reaches it can write",
     [](Config& c, Value v) { return set_text(c.agent_listen, v); }},
    {"agent-listen-open", kListening, Kind::flag, "", "",
     "Let --agent-listen be an address that other machines reach",
     [](Config& c, Value v) { return set_flag(c.agent_listen_open, v); }},
    {"agent-port-file", kListening, Kind::text, "FILE", "", "As --port-file, of --agent-listen",
     [](Config& c, Value v) { return set_text(c.agent_port_file, v); }},
    {"agent-max-connections", kListening, Kind::number, "N", "1024",
     "Open connections of old agents; beyond: closed at once",
     [](Config& c, Value v) { return set_number(c.agent_max_connections, v, 1, kMaxConnectionsAllowed); }},
    {"drain-timeout", kListening, Kind::duration, "TIME", "30s",
     "How long requests may go on once asked to stop",
     [](Config& c, Value v) { return set_duration(c.drain_timeout, v); }},

    {"auth", kCredentials, Kind::text, "FILE", "",
     "File of credentials, token:roles:hash a line; read again on SIGHUP",
     [](Config& c, Value v) { return set_text(c.auth, v); }},
    {"token", kCredentials, Kind::list, "TOKEN:ACCOUNT", "", "A credential with all roles; may be repeated",
     [](Config& c, Value v) -> Result<void> {
         c.tokens.emplace_back(v);
         return {};
     }},

    {"max-body", kRequests, Kind::size, "SIZE", "128MiB", "Greatest body of a request; beyond: 413",
     [](Config& c, Value v) { return set_size(c.max_body, v, 1); }},
    {"max-bodies-memory", kRequests, Kind::size, "SIZE", "512MiB",
     "All bodies in flight; beyond: they wait, then 503",
     [](Config& c, Value v) { return set_size(c.max_bodies_memory, v, 1); }},
    {"max-header", kRequests, Kind::size, "SIZE", "64KiB", "Request line and headers; beyond: 431",
     [](Config& c, Value v) { return set_size(c.max_header, v, 256, 64); }},
    {"max-connections", kRequests, Kind::number, "N", "4096", "Open connections; beyond: 503",
     [](Config& c, Value v) { return set_number(c.max_connections, v, 1, kMaxConnectionsAllowed); }},
    {"workers", kRequests, Kind::number, "N", "4 a core, at least 16", "Threads that answer requests",
     [](Config& c, Value v) { return set_number(c.workers, v, 1, kMaxWorkers); }},
    {"queue", kRequests, Kind::number, "N", "1024", "Requests that may wait for a thread; beyond: 503",
     [](Config& c, Value v) { return set_number(c.queue, v, 0, kMaxQueue); }},
    {"header-timeout", kRequests, Kind::duration, "TIME", "10s",
     "For a request's headers, from its first byte",
     [](Config& c, Value v) { return set_duration(c.header_timeout, v); }},
    {"idle-timeout", kRequests, Kind::duration, "TIME", "75s", "For a connection's next request",
     [](Config& c, Value v) { return set_duration(c.idle_timeout, v); }},
    {"write-timeout", kRequests, Kind::duration, "TIME", "60s", "For a client that takes none of its answer",
     [](Config& c, Value v) { return set_duration(c.write_timeout, v); }},

    {"heartbeat", kFollowing, Kind::duration, "TIME", "15s",
     "A stream is never silent for longer; from 100ms to 30s", set_heartbeat},
    {"max-message", kFollowing, Kind::size, "SIZE", "1MiB",
     "Greatest message of a WebSocket's client; beyond: it is closed. Up to 64MiB",
     [](Config& c, Value v) { return set_size(c.max_message, v, kKiB, kMostMessageMib); }},
    {"changes-bytes", kFollowing, Kind::size, "SIZE", "64MiB",
     "For those who come back: so much is kept of the record of what was written, some 60 bytes a commit",
     [](Config& c, Value v) { return set_size(c.changes.keep_bytes, v, kLeastChangesBytes); }},
    {"changes-age", kFollowing, Kind::text, "AGE", "7d", "And for so long at the most: 12h, 7d, 2w",
     set_changes_age},
    {"allow-origin", kFollowing, Kind::list, "ORIGIN", "",
     "Pages of other servers that may follow from a browser, as https://page.example; may be repeated",
     add_origin},

    {"query-timeout", kQueries, Kind::duration, "TIME", "30s", "How long a query may look",
     [](Config& c, Value v) -> Result<void> {
         NM_TRY(set_duration(c.query_timeout, v));
         if (c.query_timeout.count() == 0) return wrong("no time at all ends every query at once");
         return {};
     }},
    {"query-max-lines", kQueries, Kind::number, "N", "1000000000", "How many lines it may look at",
     [](Config& c, Value v) {
         return set_number(c.query_max_lines, v, 1, std::numeric_limits<std::int64_t>::max());
     }},
    {"query-max-memory", kQueries, Kind::size, "SIZE", "256MiB", "How much it may collect",
     [](Config& c, Value v) { return set_size(c.query_max_memory, v, kMiB); }},

    {"webhook-ca", kWebhooks, Kind::text, "FILE", "",
     "Certificates (PEM) by which those of https servers are checked, in place of the system's",
     [](Config& c, Value v) { return set_text(c.webhook_ca, v); }},
    {"webhook-timeout", kWebhooks, Kind::duration, "TIME", "10s", "For one request and its answer",
     [](Config& c, Value v) -> Result<void> {
         NM_TRY(set_duration(c.webhook_timeout, v));
         if (c.webhook_timeout < std::chrono::milliseconds(100) ||
             c.webhook_timeout > std::chrono::minutes(1))
             return wrong("'" + std::string(v) + "' is not from 100ms to 1m");
         return {};
     }},

    {"log-level", kTelling, Kind::text, "LEVEL", "info", "debug, info, warning, error or off",
     [](Config& c, Value v) {
         return set_one_of(c.log_level, v, {"debug", "info", "warning", "error", "off"});
     }},
    {"log-format", kTelling, Kind::text, "FORMAT", "text", "text (key=value) or json",
     [](Config& c, Value v) {
         return set_one_of(c.log_format, v, {"text", "json"});
     }},
    {"access-log", kTelling, Kind::flag, "", "", "Log every request",
     [](Config& c, Value v) { return set_flag(c.access_log, v); }},
};

}  // namespace

const std::vector<Option>& config_options() {
    static const std::vector<Option> all = with_replication_options(kOptions);
    return all;
}

}  // namespace nmstore::server
