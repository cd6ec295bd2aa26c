// Sums of counters to a target that cannot say what has arrived. The value there is read and noted with the
// sum before the sum is sent, so that after a lost answer it tells whether it has arrived; where somebody
// else moves the counter there too, that cannot be known: then it is not sent again, and told.
#pragma once

#include <functional>
#include <map>

#include "server/replication_cells.h"
#include "server/replication_http.h"
#include "server/replication_link.h"
#include "server/replication_notes.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxPendingCounters = 1000;

// One thread.
class ReplicationCounters {
  public:
    using SetAside = std::function<void(ReplicationRefused)>;
    ReplicationCounters(ReplicationCall call, ReplicationNotes& notes, SetAside set_aside);

    // Counters of records before this number have been noted, and are finished by finish().
    ChangeNumber noted_before() const;
    // What was noted and may not have arrived.
    Result<void> finish();
    // The sums of the records [from, end).
    Result<void> send(ChangeNumber from, ChangeNumber end, const std::map<CounterName, std::int64_t>& sums);
    // Moves counters to these values.
    Result<void> set(const std::map<CounterName, std::int64_t>& values);

  private:
    Result<std::int64_t> value_of(const std::string& row, const std::string& column);
    Result<void> post(const PendingCounter& counter);
    Result<bool> is_missing(const PendingCounter& counter);
    // Nothing, where the target refuses it, which is set aside then.
    Result<std::optional<PendingCounter>> with_value(const CounterName& name, std::int64_t sum);
    void set_aside(const PendingCounter& counter, const std::string& why);

    const ReplicationCall call_;
    ReplicationNotes& notes_;
    const SetAside set_aside_;
};

}  // namespace nmstore::server
