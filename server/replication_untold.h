// What this hub, as a target, has refused of other hubs' records and cannot be sure that they were told: the
// answer that says so may be lost, and the records are passed over when they come again. Told with the
// position until the hub goes on from there.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxUntoldBytes = std::size_t{256} << 10;  // of one link; beyond, the oldest go
inline constexpr std::size_t kMaxUntoldLinks = 256;                     // what others refuse is not kept
inline constexpr std::size_t kMaxUntoldLinksOfHub = 4;                  // likewise

// Any thread, of one link one call at a time.
class ReplicationUntold {
  public:
    using Refused = std::vector<AppliedJournal::Refused>;
    explicit ReplicationUntold(Store& store);  // which must outlive it
    Result<void> load(const std::vector<Store::Note>& notes);

    // In place of what there was, from now on: the notes of kReplicationArea that tell it after a restart,
    // for the caller to write. None of copies, which do not outlive this process.
    std::vector<Store::Note> set(const JournalLink& link, Refused refused);
    // There is nothing untold. On disk when this returns.
    Result<void> forget(const JournalLink& link);
    Refused of(const JournalLink& link) const;

  private:
    using Key = std::pair<std::string, std::string>;  // hub, stream
    static std::string note_of(const Key& key);
    bool is_full_for(const std::string& hub) const;  // with mutex_ held

    Store& store_;
    mutable std::mutex mutex_;
    std::map<Key, Refused> kept_;
};

}  // namespace nmstore::server
