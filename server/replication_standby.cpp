#include "server/replication_standby.h"

#include <algorithm>
#include <array>

#include "server/log.h"
#include "server/replication_notes.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kNote = "standby";
constexpr std::string_view kReplication = "/api/v1/replication";
constexpr std::array<std::string_view, 2> kRemovals{"/v0.3/COLUMNFAMILY/{cf}", "/api/v1/rows"};

}  // namespace

ReplicationStandby::ReplicationStandby(Store& store, bool option)
    : store_(store), option_(option), on_(option) {}

Result<void> ReplicationStandby::load() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kReplicationArea));
    for (const Store::Note& note : notes) {
        if (note.name == kNote) on_ = note.text == "on";
    }
    if (on_ == option_) return {};
    log_event(
        LogLevel::warning,
        on_ ? "a standby although --standby is not given" : "takes writes although --standby is given",
        {{"why", "nm-tool replication " + std::string(on_ ? "standby" : "open") + " was said, and counts"},
         {"what to do", "nm-tool replication " + std::string(on_ ? "open" : "standby") + " changes it"}});
    return {};
}

Result<void> ReplicationStandby::set(bool on) {
    const std::lock_guard guard(mutex_);
    // Also where the option says the same: it may be left out, or be given, at the next start.
    NM_TRY(store_.put_notes(kReplicationArea, {{std::string(kNote), on ? "on" : "off"}}));
    on_ = on;
    return {};
}

Result<void> ReplicationStandby::may_write() const {
    if (!on_) return {};
    return Error{
        Code::unavailable,
        "this hub is a standby and takes no writes but those of replication: write to the hub that it "
        "follows, or open this one with nm-tool replication open"};
}

bool changes_data(Method method, Role role, std::string_view pattern) {
    if (method == Method::get || method == Method::head || method == Method::options) return false;
    if (pattern.starts_with(kReplication)) return false;
    return role == role_ingest || (method == Method::del &&
                                   std::find(kRemovals.begin(), kRemovals.end(), pattern) != kRemovals.end());
}

}  // namespace nmstore::server
