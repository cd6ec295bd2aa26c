// GET /tail, /channel and /messages: what is written, as it is written; and /cloudsandra, where old pages
// open their channels.
#include <fmt/format.h>

#include "query/opaque_text.h"
#include "query/parse.h"
#include "server/api_calls.h"
#include "server/error_answer.h"
#include "server/follow_request.h"

namespace nmstore::server {
namespace api {

Result<Response> tail(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"q", "place", "since", "slow", "transport", "wait"}));
    query::ParseProblem problem;
    auto query = query::parse(parameters.text("q"), &problem);
    if (!query) return api_error(query.error(), problem.column);
    NM_ASSIGN(const FollowOptions options, read_follow_options(request, parameters, EventFormat::lines));
    return answer_follower(context, request, new_tail(std::move(*query)), options);
}

Result<Response> channel(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"channel", "place", "since", "slow", "transport", "wait"}));
    NM_ASSIGN(const std::string_view text, parameters.required("channel"));
    NM_ASSIGN(const ChannelName name, parse_channel_name(text, request.principal));
    NM_ASSIGN(const FollowOptions options, read_follow_options(request, parameters, EventFormat::lines));
    return answer_follower(context, request, new_channel(name.token, name.family, name.row), options);
}

Result<Response> messages(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"place", "since", "slow", "transport", "wait"}));
    NM_ASSIGN(const FollowOptions options, read_follow_options(request, parameters, EventFormat::lines));
    return answer_follower(context, request, new_messages(), options);
}

}  // namespace api

namespace {

// Keeps the places of several channels apart, and of readers that share a browser's cookies if they say who
// they are.
std::string cookie_name(std::string_view channel, std::string_view reader) {
    std::string name(channel);
    if (!reader.empty()) name.append(1, '\0').append(reader);
    return fmt::format("nm-{:016x}", query::fingerprint(name));
}

std::string_view cookie_of(const Request& request, const std::string& name) {
    std::string_view rest = request.header("cookie").value_or("");
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        std::string_view one = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
            return one.substr(name.size() + 1);
    }
    return {};
}

// A poll of a channel: what came since the last one of this client, which its cookie tells.
Result<Response> comet(Context& context, Request& request) {
    // Old pages add parameters of their own against caches.
    const std::string_view text = request.parameter("channel").value_or("");
    NM_ASSIGN(const ChannelName name, parse_channel_name(text, request.principal));
    FollowOptions options;
    options.format = wants_websocket(request) ? EventFormat::websocket : EventFormat::comet;
    options.cookie = cookie_name(text, request.parameter("reader").value_or(""));
    if (const auto place = parse_event_id(cookie_of(request, options.cookie))) options.after = *place;
    return answer_follower(context, request, new_channel(name.token, name.family, name.row), options);
}

}  // namespace

std::vector<Route> comet_routes(Context& context) {
    std::vector<Route> routes;
    for (const std::string_view path : {"/cloudsandra", "/cloudsandra/"})
        routes.push_back(api_route(context, Method::get, path, role_read, comet));
    return routes;
}

}  // namespace nmstore::server
