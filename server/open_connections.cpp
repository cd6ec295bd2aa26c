#include "server/open_connections.h"

#include <algorithm>
#include <utility>

namespace nmstore::server {
namespace {

// A header may have any bytes; what is told of it is ASCII.
std::string shown(std::string_view agent) {
    std::string text(agent.substr(0, OpenConnections::kMaxAgentBytes));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

}  // namespace

OpenConnections::Entry::Entry(OpenConnections& all, std::string peer) : all_(all) {
    OpenConnection connection;
    connection.peer = std::move(peer);
    connection.since_ms = all_.clock_.now_ms();
    const std::lock_guard guard(all_.mutex_);
    place_ = all_.all_.insert(all_.all_.end(), std::move(connection));
}

OpenConnections::Entry::~Entry() {
    const std::lock_guard guard(all_.mutex_);
    all_.all_.erase(place_);
}

void OpenConnections::Entry::asks(const Request& request, std::string_view route) {
    std::string agent = shown(request.header("user-agent").value_or(""));
    const std::int64_t now_ms = all_.clock_.now_ms();
    const std::lock_guard guard(all_.mutex_);
    place_->token = request.principal.token;
    place_->agent = std::move(agent);
    place_->route = route;
    place_->asked_ms = now_ms;
    place_->following = false;
}

void OpenConnections::Entry::follows() {
    const std::lock_guard guard(all_.mutex_);
    place_->following = true;
}

std::vector<OpenConnection> OpenConnections::list() const {
    std::vector<OpenConnection> found;
    const std::lock_guard guard(mutex_);
    found.reserve(all_.size());
    for (const OpenConnection& each : all_)
        if (!each.route.empty()) found.push_back(each);
    return found;
}

}  // namespace nmstore::server
