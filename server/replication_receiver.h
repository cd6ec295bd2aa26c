// This hub as a target: takes what other hubs' journals tell.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/store.h"
#include "server/replication_owners.h"
#include "server/replication_untold.h"

namespace nmstore::server {

inline constexpr std::size_t kMostUntrustedStreams = 16;  // of one hub: they have names of their own making
// That are listed: hubs that are bound find room, with as many streams as they may have.
inline constexpr std::size_t kMaxReplicationSources = ReplicationOwners::kMost * kMostUntrustedStreams;
// At work, or waiting for their turn, since each holds a thread: of all, and of one name.
inline constexpr std::size_t kMostUntrustedPosts = 6;
inline constexpr std::size_t kMostUntrustedPostsOfName = 2;
inline constexpr std::int64_t kSourceGoneMs = 60'000;  // so long it must have been silent to be forgotten
inline constexpr std::size_t kMaxStreamBytes = 64;

struct ReplicationPost {
    JournalLink link;
    ChangeNumber from = 0, end = 0;
    bool begin = false;
    std::string_view body;  // packed
    std::string who;        // whose credentials
    // Whether they are an administrator's: others may not drop families, which is refused as a value is,
    // bring full copies, or say what other hubs have written than those that are bound to them.
    bool trusted = false;
};

struct ReplicationReceived {
    // Set if the post does not begin at the link's position: that it is (or null), and nothing was written.
    bool elsewhere = false;
    std::optional<ChangeNumber> position;
    AppliedJournal applied;
};

struct ReplicationSource {
    JournalLink link;
    std::optional<ChangeNumber> position;
    std::int64_t last_ms = 0;            // when it was heard of, 0: not since the start, or never
    std::optional<std::string> owner{};  // see ReplicationOwners
};

// Any thread.
class ReplicationReceiver {
  public:
    // Both must outlive it. keeps_journal: whether the store does; if not, that hubs send here is warned of.
    ReplicationReceiver(Store& store, const Clock& clock, bool keeps_journal);
    Result<void> load();

    Result<std::optional<ChangeNumber>> position(const JournalLink& link) const;
    // Of the link's last post, until the next one goes on from there: its answer may not have arrived.
    ReplicationUntold::Refused refused(const JournalLink& link) const { return untold_.of(link); }
    // busy: another post of this link is not done, or too many are at work. conflict: these credentials may
    // not do that. invalid_argument, too_large: the body.
    Result<ReplicationReceived> receive(const ReplicationPost& post);
    Result<void> set_position(const JournalLink& link, std::optional<ChangeNumber> position);
    // Whose credentials speak for the hub with the role ingest; nullopt: nobody's.
    std::optional<std::string> owner(const std::string& hub) const { return owners_.of(hub); }
    // Copies on their way left out. Also hubs that are bound and have sent nothing yet.
    std::vector<ReplicationSource> sources() const;
    // A hub that sends no more, with all of its streams, and what has come of its copy. If it comes back
    // after all it needs a full copy; what it had written is not written again. Half a copy stays listed, and
    // all others need one, until another has come, or this is said once more. not_found; busy: it was heard
    // of in the last minute.
    Result<void> forget(const std::string& hub);
    // Credentials of this name speak for the hub from now on, also if others did before, or it was forgotten.
    // invalid_argument; too_large: too many hubs are bound.
    Result<void> bind(const std::string& hub, const std::string& name);

  private:
    class Turn;
    class AtWork;
    void warn_without_journal(const std::string& hub) const;
    static void tell_of_retelling(const AppliedJournal& applied);
    Result<void> heard_of(const ReplicationPost& post);
    Result<void> check_owner(const ReplicationPost& post) const;

    Store& store_;
    const Clock& clock_;
    const bool keeps_journal_;
    ReplicationUntold untold_;
    ReplicationOwners owners_;
    std::mutex looking_, writing_;  // taken in this order, and before mutex_
    mutable std::mutex mutex_;
    using Key = std::pair<std::string, std::string>;  // hub, stream
    std::set<Key> busy_;
    std::multiset<std::string> untrusted_posts_;  // whose they are; see AtWork
    std::map<Key, std::int64_t> sources_;         // when they were heard of
};

// invalid_argument: no id of a hub (32 hexadecimal digits), or a stream that is too long.
Result<JournalLink> parse_journal_link(std::string_view hub, std::string_view stream);

}  // namespace nmstore::server
