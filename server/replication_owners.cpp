#include "server/replication_owners.h"

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

std::map<std::string, std::string> ReplicationOwners::all() const {
    const std::lock_guard guard(mutex_);
    return owners_;
}

Result<void> ReplicationOwners::bind(const std::string& hub, const std::string& name) {
    const std::lock_guard guard(mutex_);
    const auto known = owners_.find(hub);
    if (known != owners_.end() && known->second == name) return {};
    if (known == owners_.end() && owners_.size() >= kMost)
        return Error{Code::too_large,
                     "no more than " + std::to_string(kMost) + " hubs can be bound to credentials"};
    NM_TRY(store_.put_notes(kReplicationArea, {{note_of(hub), name}}));
    owners_[hub] = name;
    return {};
}

Result<void> ReplicationOwners::forget(const std::string& hub) {
    const std::lock_guard guard(mutex_);
    if (!owners_.contains(hub)) return {};
    NM_TRY(store_.put_notes(kReplicationArea, {{note_of(hub), std::nullopt}}));
    owners_.erase(hub);
    return {};
}

}  // namespace nmstore::server
