// A request to follow something: what its parameters and headers say of it, and the answer that stays open.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/parameters.h"
#include "server/realtime.h"
#include "server/routes.h"

namespace nmstore::server {

// The parameters that every such call has: since, slow, transport, wait, place.
//
// since: the id of the last event that was seen, or "now" (which it is otherwise); the header Last-Event-ID,
// with which a browser comes back, goes before it. transport: sse, lines, websocket or poll; otherwise as the
// headers say (an upgrade to WebSocket, then Accept), a poll if `wait` is given, and else `fallback`. place:
// whether a WebSocket begins with its place, as lines and server-sent events do.
Result<FollowOptions> read_follow_options(const Request& request, const Parameters& parameters,
                                          EventFormat fallback);

// unavailable where nothing can be followed; else see Realtime::follow.
Result<Response> answer_follower(Context& context, const Request& request, EventSubjectPtr subject,
                                 const FollowOptions& options);

// "{token}/{family}/{row}": the token must be the asker's, who may leave it empty; an admin may name any. In
// messages to no one else does it mean anything: who may read may read all rows.
struct ChannelName {
    std::string token, family, row;
};
Result<ChannelName> parse_channel_name(std::string_view text, const Principal& asker);

}  // namespace nmstore::server
