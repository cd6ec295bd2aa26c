// How replication goes, for those who ask: the API, /health, /metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"
#include "server/json_writer.h"
#include "server/replication_receiver.h"

namespace nmstore::server {

enum class ReplicationState : std::uint8_t {
    connecting,  // has not asked the target yet, or does not know yet what it is
    live,        // less than two seconds behind
    catching_up,
    waiting,  // an error; it is tried again
    paused,
    copying,
    needs_copy,
};
std::string_view replication_state_name(ReplicationState state);  // "catching up"

struct ReplicationTargetStatus {
    std::string name, url, kind;  // kind "": not known yet
    ReplicationState state{};
    std::string why;               // of waiting and needs_copy; of others, that no answer comes
    std::int64_t next_try_ms = 0;  // of waiting; 0: at once
    std::optional<ChangeNumber> position;
    std::uint64_t lag_records = 0;  // commits that are not there, about
    double lag_seconds = 0;  // how long ago the first of them was; where a copy is needed, since when it is
    std::uint64_t sent_records = 0, sent_bytes = 0, errors = 0;  // since the start
    std::uint64_t refused = 0;                                   // set aside, and kept
    std::uint64_t refused_dropped = 0;                           // that had to make room for others
    bool copied = true;
    bool target_is_standby = false;
    struct Copy {
        std::uint64_t rows_done = 0, rows_total = 0;
    };
    std::optional<Copy> copy;
};

struct ReplicationStatus {
    std::string hub;
    bool standby = false;
    bool journal_on = false;
    JournalRange journal;
    std::uint64_t journal_limit = 0;
    std::vector<ReplicationTargetStatus> targets;
    std::vector<ReplicationSource> sources;
    std::vector<IncomingCopy> copies;  // that have not all come
};

void write_status(JsonWriter& json, const ReplicationStatus& status);
// Without anything that a stranger must not know: {"standby","targets","state","lag_seconds"}, the worst of
// all.
std::string replication_health(const ReplicationStatus& status);
void append_text(std::string& out, const ReplicationStatus& status);  // Prometheus

}  // namespace nmstore::server
