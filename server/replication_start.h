// How a sender decides: where to begin, and when to try again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "nmstore/journal.h"

namespace nmstore::server {

struct ReplicationStart {
    enum class Kind : std::uint8_t {
        go_on,       // from the position that the target has
        begin,       // the target is new: from `from`
        needs_copy,  // `why`
    };
    Kind kind{};
    ChangeNumber from = 0;
    bool copied = true;  // of begin: false: the store holds more than the journal tells
    std::string why;
};

// position: the target's. behind_a_record: the number before it has one in the journal, as every position of
// a target has that this hub, with what it holds now, has given. whole: the journal tells all that the store
// holds.
ReplicationStart replication_start(std::optional<ChangeNumber> position, const JournalRange& journal,
                                   bool behind_a_record, bool whole);

// Says of what the target has not read why the journal has it no longer.
std::string gone_from_journal(const std::string& what, const JournalRange& journal);

inline constexpr std::chrono::milliseconds kFirstReplicationPause{200};
inline constexpr std::chrono::milliseconds kLongestReplicationPause{30'000};
inline constexpr std::chrono::milliseconds kFirstRefusedPause{1'000};

// Pauses that double from one failure to the next, and are up to a half shorter by chance, so that many
// senders do not come at once. One thread.
class ReplicationBackoff {
  public:
    // Of [0, 1).
    explicit ReplicationBackoff(std::function<double()> chance);
    // asked: what the target asked for, which is the least then. refused: for a reason that does not pass by
    // itself.
    std::chrono::milliseconds next(bool refused, std::optional<std::chrono::milliseconds> asked);
    void reset() { pause_ = {}; }

  private:
    std::function<double()> chance_;
    std::chrono::milliseconds pause_{};
};

}  // namespace nmstore::server
