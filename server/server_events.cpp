#include "server/server_events.h"

namespace nmstore::server {

void append_server_event(std::string& out, std::string_view id, std::string_view event,
                         std::string_view data) {
    const auto line = [&out](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\n");
    };
    if (!id.empty()) line("id", id);
    if (!event.empty()) line("event", event);
    // Readers take each of "\n", "\r" and "\r\n" as the end of a line, and join the lines with "\n".
    while (true) {
        const std::size_t end = data.find_first_of("\r\n");
        line("data", data.substr(0, end));
        if (end == std::string_view::npos) break;
        data.remove_prefix(end + (data.substr(end, 2) == "\r\n" ? 2 : 1));
    }
    out += '\n';
}

}  // namespace nmstore::server
