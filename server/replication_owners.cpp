#include "server/replication_owners.h"

#include <algorithm>

#include "server/replication_notes.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kOwnerNote = "owner ";

std::string note_of(const std::string& hub) {
    return std::string(kOwnerNote) + hub;
}

}  // namespace

void ReplicationOwners::load(const std::vector<Store::Note>& notes) {
    const std::lock_guard guard(mutex_);
    for (const Store::Note& note : notes) {
        if (note.name.starts_with(kOwnerNote))
            owners_[note.name.substr(kOwnerNote.size())] = note.text.value_or("");
    }
}

std::optional<std::string> ReplicationOwners::of(const std::string& hub) const {
    const std::lock_guard guard(mutex_);
    const auto owner = owners_.find(hub);
    return owner == owners_.end() ? std::nullopt : std::optional(owner->second);
}

Result<void> ReplicationOwners::bind(const std::string& hub, const std::string& name) {
    const std::lock_guard guard(mutex_);
    return put(hub, name);
}

Result<void> ReplicationOwners::bind_if_free(const std::string& hub, const std::string& name) {
    const std::lock_guard guard(mutex_);
    const auto known = owners_.find(hub);
    if (known == owners_.end()) return put(hub, name);
    if (known->second == name) return {};
    return Error{Code::conflict, "other credentials speak for the hub " + hub};
}

Result<void> ReplicationOwners::put(const std::string& hub, const std::string& name) {
    const auto known = owners_.find(hub);
    if (known != owners_.end() && known->second == name) return {};
    const auto of_name = static_cast<std::size_t>(std::count_if(
        owners_.begin(), owners_.end(), [&](const auto& owner) { return owner.second == name; }));
    if (of_name >= kMostOfOne || (known == owners_.end() && owners_.size() >= kMost))
        return Error{Code::conflict, "too many hubs send here with these credentials, or at all"};
    NM_TRY(store_.put_notes(kReplicationArea, {{note_of(hub), name}}));
    owners_[hub] = name;
    return {};
}

Result<void> ReplicationOwners::forget(const std::string& hub) {
    const std::lock_guard guard(mutex_);
    if (owners_.erase(hub) == 0) return {};
    return store_.put_notes(kReplicationArea, {{note_of(hub), std::nullopt}});
}

}  // namespace nmstore::server
