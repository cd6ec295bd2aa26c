// When commits were made here, about, by this hub's clock. A record's stamp is not that: it rises above those
// of other hubs, and of what they have made it is theirs.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "nmstore/change.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxJournalTimes = 512;

// Any thread.
class JournalTimes {
  public:
    // The journal ends so now. Of moments that lie close to each other not all are kept, and of the past
    // every second one where there are too many.
    void note(ChangeNumber end, std::int64_t now_ms);
    // The time of the stamp, if the record may have been committed then; else what comes next to it.
    std::int64_t committed_ms(ChangeNumber number, std::int64_t stamp_ms, std::int64_t now_ms) const;

  private:
    struct Moment {
        ChangeNumber end = 0;
        std::int64_t first_ms = 0, last_ms = 0;  // within which it was seen to end so
    };
    mutable std::mutex mutex_;
    std::vector<Moment> moments_;  // rising
};

}  // namespace nmstore::server
