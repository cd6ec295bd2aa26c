// What replication has to know after a restart, in the store's notes: of each target, and of this hub as a
// target.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"
#include "server/replication_link.h"

namespace nmstore::server {

inline constexpr std::string_view kReplicationArea = "replication";
inline constexpr std::size_t kMaxReplicationRefused = 1000;  // of one target; beyond, the oldest go
inline constexpr std::size_t kMaxRefusedValueBytes = AppliedJournal::kMaxRefusedValue;
inline constexpr std::size_t kMaxRefusedNameBytes = AppliedJournal::kMaxRefusedName;  // of what, and why

// A sum of steps of a counter on its way to a target that cannot say whether it has arrived.
struct PendingCounter {
    std::string row, column;
    std::int64_t before = 0;  // the value there before the sum was sent
    std::int64_t sum = 0;
};
// The sums of the records [from, end), all noted before the first of them is sent.
struct PendingCounters {
    ChangeNumber from = 0, end = 0;
    std::vector<PendingCounter> counters;
};

struct ReplicationMemory {
    bool paused = false;
    bool resync = false;             // a full copy was asked for, and is not done
    bool copied = true;              // false: what was written before the target was new has not been sent
    std::string kind;                // "hub", "cloudsandra"; "": not known yet
    std::string hub;                 // the id of this hub when the target was begun with; "": it was not
    std::string needs_copy;          // why; "": it does not
    std::string needs_copy_stream;   // of the link for which that was found
    std::int64_t needs_copy_ms = 0;  // since when something is missing, or this is known
    // What is to be kept from for all that, as the target may go on from there without one; nullopt: nothing.
    std::optional<ChangeNumber> needs_copy_from;
    // Of the link (ReplicationPatterns::stream()) in which the target has all that it has; nullopt: not
    // known.
    std::optional<std::string> stream;
    std::optional<ChangeNumber> position;  // of a target that cannot keep it
    // Where any other stood when it went away, or this hub stopped; nullopt: it has moved on since.
    std::optional<ChangeNumber> left_at;
    std::uint64_t refused_dropped = 0;  // set-aside values that had to make room
    ChangeNumber refused_before = 0;    // what a hub refuses of records with smaller numbers is known
};

struct KeptRefused {
    std::uint64_t id = 0;
    std::int64_t time_ms = 0;
    ReplicationRefused value;
};

// Of one target. Any thread; what is changed is on disk when a call returns.
class ReplicationNotes {
  public:
    ReplicationNotes(Store& store, const Clock& clock,
                     std::string target);  // store and clock must outlive it
    Result<void> load();

    ReplicationMemory memory() const;
    std::optional<PendingCounters> pending() const;
    Result<void> change(const std::function<void(ReplicationMemory&)>& how);
    // `refused` is kept with it, or neither is.
    Result<void> set_pending(const PendingCounters& pending,
                             const std::vector<ReplicationRefused>& refused = {});
    // A batch is at the target: its position (of targets that cannot keep it), no counter is pending any
    // more, and what it did not take.
    Result<void> done(ChangeNumber position, const std::vector<ReplicationRefused>& refused = {});

    // `more`: so many that only their number is known of.
    Result<void> add_refused(const std::vector<ReplicationRefused>& refused, std::uint64_t more = 0);
    // Of records of the journal, which a hub may tell of more than once, in their order.
    Result<void> add_refused_once(std::vector<ReplicationRefused> refused, std::uint64_t more = 0);
    std::vector<KeptRefused> refused() const;  // oldest first
    std::size_t refused_count() const;
    Result<std::uint64_t> clear_refused();  // how many

  private:
    std::string note_name(std::string_view what) const;
    std::string refused_name(std::uint64_t id) const;
    Store::Note memory_note(const ReplicationMemory& memory) const;
    Result<void> load_refused(const Store::Note& note, std::string_view id);
    // Writes these together, with `more` notes. The mutex is held.
    Result<void> keep(ReplicationMemory memory, const std::vector<ReplicationRefused>& refused,
                      std::vector<Store::Note> more = {});

    Store& store_;
    const Clock& clock_;
    const std::string target_;
    mutable std::mutex mutex_;
    ReplicationMemory memory_;
    std::optional<PendingCounters> pending_;
    std::map<std::uint64_t, KeptRefused> refused_;
};

}  // namespace nmstore::server
