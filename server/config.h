// What the server was told: one plain struct, filled from the command line, the environment (NM_…) and a TOML
// file, in this order of precedence. config_options.h declares each option once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/store.h"
#include "server/replication_options.h"

namespace nmstore::server {

inline constexpr std::size_t kKiB = std::size_t{1} << 10;
inline constexpr std::size_t kMiB = std::size_t{1} << 20;
inline constexpr std::size_t kGiB = std::size_t{1} << 30;

// Targets of replication as they were given; complete_replication() makes Config::replication of them.
struct ReplicationGiven {
    std::vector<std::string> to, auth, only, skip;
    std::string ca;
    std::vector<ReplicationTargetText> tables;  // [[replicate]] of the file; not used where `to` is given
};

struct Config {
    // The store.
    std::string data = "./data";
    std::string backup_dir;  // never empty once parsed: DATA/backups if not given
    SyncMode sync = SyncMode::always;
    std::uint32_t sync_interval_ms = 100;
    std::size_t memory = 128 * kMiB;
    std::size_t ballast = 64 * kMiB;
    std::optional<std::int64_t> compact_after_ms = std::int64_t{24} * 3600 * 1000;  // nullopt: never

    // When lines become blocks.
    SealingOptions sealing{};

    // How long the logs are kept; an empty policy: for ever.
    RetentionPolicy retention;
    std::chrono::milliseconds retention_interval{600000};

    // Listening.
    std::string listen = "127.0.0.1:8001";
    std::string port_file;
    std::string tls_cert;  // with tls_key, or both ""
    std::string tls_key;
    std::string tls_listen;  // "": `listen` speaks TLS, if there is a certificate
    std::string tls_port_file;
    std::string agent_listen;        // "": none
    bool agent_listen_open = false;  // also where others than this machine reach it
    std::string agent_port_file;
    std::size_t agent_max_connections = 1024;
    std::chrono::milliseconds drain_timeout{30000};

    // Who may come in.
    std::string auth;
    std::vector<std::string> tokens;

    // Limits on requests.
    std::size_t max_header = 64 * kKiB;
    std::size_t max_body = 128 * kMiB;
    std::size_t max_bodies_memory = 512 * kMiB;
    std::size_t max_connections = 4096;
    std::size_t workers = 0;  // never 0 once parsed
    std::size_t queue = 1024;
    std::chrono::milliseconds header_timeout{10000};
    std::chrono::milliseconds idle_timeout{75000};
    std::chrono::milliseconds write_timeout{60000};

    // Those who follow.
    std::chrono::milliseconds heartbeat{15000};
    std::size_t max_message = 1 * kMiB;
    ChangeOptions changes{};
    std::vector<std::string> allow_origins;  // "https://page.example:8443", as browsers write them

    // Limits on queries.
    std::chrono::milliseconds query_timeout{30000};
    std::uint64_t query_max_lines = 1'000'000'000;
    std::size_t query_max_memory = 256 * kMiB;

    // Webhooks of alerts.
    std::string webhook_ca;  // "": the system's
    std::chrono::milliseconds webhook_timeout{10000};

    // Where else it is written.
    ReplicationGiven replicate;
    ReplicationOptions replication;

    // What it tells.
    std::string log_level = "info";
    std::string log_format = "text";
    bool access_log = false;
};

// Either a configuration, or a text to print (help and version on standard output, faults on standard error)
// and the code to exit with.
struct ConfigOutcome {
    std::optional<Config> config;
    std::string text;
    int exit_code = 0;
};
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // could not start, or stopped by a fault
inline constexpr int kExitUsage = 2;    // options, environment or file are wrong

// The environment, as getenv() gives it; nullptr for what is not set.
using Environment = std::function<const char*(const char* name)>;
ConfigOutcome parse_config(const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace nmstore::server
