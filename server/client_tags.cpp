#include "server/client_tags.h"

#include "query/index_row.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kTagsRow = "client-tags";

}  // namespace

query::ClientNames ClientTags::names() {
    return [this](std::string_view name) -> std::vector<std::string> {
        const std::string client(name);
        auto at = known_.find(client);
        if (at == known_.end()) at = known_.emplace(client, read(client, "")).first;
        if (at->second.empty()) return {};
        return {at->second};
    };
}

bool ClientTags::have_changed(std::string_view name) {
    // Rows that are still remembered must not have names that are not looked at any more.
    if (known_.size() > kMaxClients) {
        forget();
        return true;
    }
    const auto at = known_.find(std::string(name));
    if (at == known_.end()) return false;
    std::string now = read(at->first, at->second);
    if (now == at->second) return false;
    at->second = std::move(now);
    return true;
}

std::string ClientTags::read(const std::string& client, const std::string& known) const {
    if (client.empty()) return {};
    const auto cell = store_.get(kIndexFamily, kTagsRow, client);
    if (!cell.ok()) return known;
    return *cell ? query::index_text((*cell)->value) : std::string();
}

}  // namespace nmstore::server
