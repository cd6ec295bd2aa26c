// The id of an event: where in the order of all that was written it stands. A reader that comes back with the
// last id that it saw goes on behind it, whatever it follows, and also after a restart of the server.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "nmstore/change.h"
#include "nmstore/result.h"

namespace nmstore::server {

struct EventId {
    ChangeNumber change = 0;
    std::uint32_t part = 0;  // of the change: the place of its row, or kValues and the place of its value
    std::int64_t time_ms = INT64_MIN;  // of the line in its row
    std::uint64_t sequence = 0;
    std::uint32_t line = 0;
    auto operator<=>(const EventId&) const = default;

    static constexpr std::uint32_t kValues = std::uint32_t{1} << 31;
    // Greater than every event of the changes before this one, and smaller than all of it.
    static EventId before(ChangeNumber change) {
        if (change == 0) return {};
        return {change - 1, UINT32_MAX, INT64_MAX, UINT64_MAX, UINT32_MAX};
    }
};

// "5-2-1308700800000-9-0"; of before() "5".
std::string format_event_id(const EventId& id);
Result<EventId> parse_event_id(std::string_view text);  // invalid_argument

}  // namespace nmstore::server
