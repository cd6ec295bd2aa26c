// GET /connections: who is connected now, with what program, and what is followed.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "server/api_calls.h"
#include "server/open_connections.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

// The connections of one program on one machine: a browser has several.
struct Asker {
    std::size_t connections = 0;
    std::int64_t since_ms = INT64_MAX;
    std::int64_t asked_ms = 0;
    std::set<std::string> following;  // routes
};
using AskerKey = std::tuple<std::string, std::string, std::string>;  // address, token, agent

std::map<AskerKey, Asker> askers_of(const std::vector<OpenConnection>& open) {
    std::map<AskerKey, Asker> askers;
    for (const OpenConnection& each : open) {
        const std::string address = each.peer.substr(0, each.peer.rfind(':'));
        Asker& asker = askers[{address, each.token, each.agent}];
        ++asker.connections;
        asker.since_ms = std::min(asker.since_ms, each.since_ms);
        asker.asked_ms = std::max(asker.asked_ms, each.asked_ms);
        if (each.following) asker.following.insert(each.route);
    }
    return askers;
}

}  // namespace

Result<Response> connections(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    if (context.connections == nullptr)
        return Error{Code::unavailable, "it is not known here who is connected"};
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("connections").begin_array();
    for (const auto& [key, asker] : askers_of(context.connections->list())) {
        const auto& [address, token, agent] = key;
        json.begin_object().member("address", address).member_or_null("token", token);
        json.member_or_null("agent", agent).key("connections").natural(asker.connections);
        json.key("since").integer(asker.since_ms).key("asked").integer(asker.asked_ms);
        json.key("following").begin_array();
        for (const std::string& route : asker.following) json.string(route);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace nmstore::server::api
