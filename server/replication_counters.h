// Sums of counters to a target that cannot say what has arrived. The value there is read and noted with the
// sum before the sum is sent, so that after a lost answer it tells whether it has arrived; where somebody
// else moves the counter there too, that cannot be known: then it is not sent again, and told.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "server/replication_cells.h"
#include "server/replication_http.h"
#include "server/replication_link.h"
#include "server/replication_notes.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxPendingCounters = 1000;

// The families of a server of v0.3. Errors as replication_fault() makes them, also where it answers
// otherwise: something between may, and a refusal of that is none.
Result<std::set<std::string>> cloudsandra_families(const ReplicationCall& call);

// One thread.
class ReplicationCounters {
  public:
    ReplicationCounters(ReplicationCall call, ReplicationNotes& notes);

    // Counters of records before this number have been noted, and are finished by finish().
    ChangeNumber noted_before() const;
    // What was noted and may not have arrived. What is set aside of it is noted as well when this returns.
    Result<void> finish();
    // The sums of the records [from, end). What cannot be asked for is set aside and noted before anything is
    // sent; of the rest see take_refused().
    Result<void> send(ChangeNumber from, ChangeNumber end, const std::map<CounterName, std::int64_t>& sums);
    // Moves counters to these values.
    Result<void> set(const std::map<CounterName, std::int64_t>& values);
    // What send() and set() have set aside, and nobody has noted yet. After an error of send() it need not
    // be: finish() comes to it again.
    std::vector<ReplicationRefused> take_refused();

  private:
    Result<std::int64_t> value_of(const std::string& row, const std::string& column);
    Result<void> post(const PendingCounter& counter);
    Result<bool> is_missing(const PendingCounter& counter);
    // Nothing, where the target refuses it, which is set aside then.
    Result<std::optional<PendingCounter>> with_value(const CounterName& name, std::int64_t sum);
    void set_aside(const PendingCounter& counter, const std::string& why);
    // As set_aside(), of what the target refused, if that is a server of v0.3 at all.
    Result<void> refuse(const PendingCounter& counter, const std::string& why);

    const ReplicationCall call_;
    ReplicationNotes& notes_;
    std::vector<ReplicationRefused> refused_;
};

}  // namespace nmstore::server
