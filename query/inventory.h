// Who writes here: clients, their logs and plugins, tags; from the index rows that agents keep and from the catalogue of day rows.
#pragma once

#include <string>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::query {

struct ClientInfo {
    std::string client;
    std::string tag;        // "" if none
    std::string external;   // its external address, "" if none
    std::int64_t last_seen_ms = 0;  // 0: not known
    bool down = false;      // has not reported for kDownAfterMs
};
struct LogInfo {
    std::string client;
    std::string log;        // or plugin
    std::string display;    // its name as its newest lines give it ("/var/log/x", where `log` is "_var_log_x"); else `log`
    std::int64_t last_seen_ms = 0;
};
inline constexpr std::int64_t kDownAfterMs = 10 * 60 * 1000;

// By client. Times as the index rows say, or of the newest line where that may be later (for clients: only where the index alone would
// call it down). A time ahead of now_ms counts as now.
Result<std::vector<ClientInfo>> clients(const Store& store, std::int64_t now_ms);
// Of one client, or of all (client ""), by client and name. kind: logs or plugins, else invalid_argument.
Result<std::vector<LogInfo>> logs(const Store& store, std::string_view client, RowKind kind);

}  // namespace nmstore::query
