#include "server/replication_untold.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/replication_notes.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNote = "untold ";

std::size_t size_of(const AppliedJournal::Refused& refused) {
    return refused.what.size() + refused.why.size() + refused.value.size();
}

// What is no text is told with signs in its place, so it is kept so.
std::string text_of(const ReplicationUntold::Refused& refused) {
    Json all = Json::array();
    for (const AppliedJournal::Refused& each : refused)
        all.push_back({each.number, each.what, each.why, each.value});
    return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ReplicationUntold::Refused refused_of(const std::string& text) {
    ReplicationUntold::Refused refused;
    for (const Json& each : Json::parse(text)) {
        refused.push_back({each.at(0).get<ChangeNumber>(), each.at(1).get<std::string>(),
                           each.at(2).get<std::string>(), each.at(3).get<std::string>()});
    }
    return refused;
}

}  // namespace

ReplicationUntold::ReplicationUntold(Store& store) : store_(store) {}

// Ids of hubs have no blanks.
std::string ReplicationUntold::note_of(const Key& key) {
    return std::string(kNote) + key.first + " " + key.second;
}

Result<void> ReplicationUntold::load(const std::vector<Store::Note>& notes) {
    const std::lock_guard guard(mutex_);
    for (const Store::Note& note : notes) {
        if (!note.name.starts_with(kNote)) continue;
        const std::string link = note.name.substr(kNote.size());
        const std::size_t blank = std::min(link.find(' '), link.size());
        const Key key{link.substr(0, blank), link.substr(std::min(blank + 1, link.size()))};
        try {
            kept_[key] = refused_of(note.text.value_or(""));
        } catch (const Json::exception&) {
            return Error{Code::corruption, "the note \"" + note.name + "\" of replication cannot be read"};
        }
    }
    return {};
}

std::vector<Store::Note> ReplicationUntold::set(const JournalLink& link, Refused refused) {
    const Key key{link.hub, link.stream};
    std::size_t bytes = 0;
    auto first = refused.end();
    while (first != refused.begin() && bytes + size_of(*std::prev(first)) <= kMaxUntoldBytes &&
           refused.end() - first < static_cast<std::ptrdiff_t>(kMaxReplicationRefused))
        bytes += size_of(*--first);
    refused.erase(refused.begin(), first);
    const std::lock_guard guard(mutex_);
    const bool known = kept_.contains(key);
    if (!known && (refused.empty() || is_full_for(link.hub))) return {};
    std::optional<std::string> text;
    if (refused.empty()) {
        kept_.erase(key);
    } else {
        text = text_of(refused);
        kept_[key] = refused_of(*text);
    }
    if (link.stream.starts_with(kCopyStream)) return {};
    return {{note_of(key), std::move(text)}};
}

bool ReplicationUntold::is_full_for(const std::string& hub) const {
    std::size_t of_hub = 0;
    for (auto at = kept_.lower_bound({hub, ""}); at != kept_.end() && at->first.first == hub; ++at) ++of_hub;
    return of_hub >= kMaxUntoldLinksOfHub || kept_.size() >= kMaxUntoldLinks;
}

Result<void> ReplicationUntold::forget(const JournalLink& link) {
    return store_.put_notes(kReplicationArea, set(link, {}));
}

ReplicationUntold::Refused ReplicationUntold::of(const JournalLink& link) const {
    const std::lock_guard guard(mutex_);
    const auto kept = kept_.find({link.hub, link.stream});
    return kept == kept_.end() ? Refused() : kept->second;
}

}  // namespace nmstore::server
