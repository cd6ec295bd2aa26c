// Writes alerts to the rows `alerts:{Y}:{M}:{D}`, and hands them to webhooks. What cannot be written, because
// the store is read-only, waits.
#pragma once

#include <deque>

#include "nmstore/store.h"
#include "server/alert.h"
#include "server/metrics.h"
#include "server/webhooks.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxAlertsWaiting = 10'000;  // for the store; further ones are lost

// Used by one thread at a time.
class AlertJournal {
  public:
    AlertJournal(Store& store, Webhooks& webhooks, Metrics& metrics)
        : store_(store), webhooks_(webhooks), metrics_(metrics) {}

    void add(Alert alert);
    bool empty() const { return waiting_.empty(); }
    std::size_t size() const { return waiting_.size(); }
    // Writes what waits. An alert that is there already, by its id, is not written again. Fails as the store
    // does; what has not been written goes on waiting.
    Result<void> write();

  private:
    Result<void> write_some();

    Store& store_;
    Webhooks& webhooks_;
    Metrics& metrics_;
    std::deque<Alert> waiting_;
};

}  // namespace nmstore::server
