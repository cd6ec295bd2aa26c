// Whether this hub takes writes of others than hubs: a standby does not, until it is opened.
#pragma once

#include <atomic>
#include <mutex>
#include <string_view>

#include "nmstore/store.h"
#include "server/http.h"

namespace nmstore::server {

// Any thread.
class ReplicationStandby {
  public:
    ReplicationStandby(Store& store, bool option);  // which must outlive it
    // What was set in an earlier run wins over the option; the log tells where they differ.
    Result<void> load();
    bool on() const { return on_.load(); }
    // On disk when it returns.
    Result<void> set(bool on);
    // unavailable, for a person: what to do. Fine where writes are taken.
    Result<void> may_write() const;

  private:
    Store& store_;
    const bool option_;
    std::mutex mutex_;
    std::atomic<bool> on_;
};

// Whether a call of the APIs changes what is stored, so that a standby refuses it: what needs the role
// `ingest` and does not only read, and the removals of the administrator; but not replication itself. Alert
// rules and upkeep are each hub's own.
bool changes_data(Method method, Role role, std::string_view pattern);

}  // namespace nmstore::server
