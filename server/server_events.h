// The bytes of Server-Sent Events, as a browser's EventSource reads them.
#pragma once

#include <string>
#include <string_view>

namespace nmstore::server {

inline constexpr std::string_view kEventStream = "text/event-stream";

// Appends one event: "id: …", "event: …" (left out where ""), "data: …" for each line of `data`, and a blank
// line. `id` and `event` hold no line breaks.
void append_server_event(std::string& out, std::string_view id, std::string_view event,
                         std::string_view data);
// A comment, which readers skip: a heartbeat.
inline constexpr std::string_view kServerEventHeartbeat = ":\n\n";

}  // namespace nmstore::server
