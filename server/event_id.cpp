#include "server/event_id.h"

#include <charconv>

namespace nmstore::server {
namespace {

template <class T>
bool take(std::string_view& text, T& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

template <class T>
bool take_next(std::string_view& text, T& number) {
    if (text.empty() || text.front() != '-') return false;
    text.remove_prefix(1);
    return take(text, number);
}

}  // namespace

std::string format_event_id(const EventId& id) {
    if (id == EventId::before(0)) return "0";
    if (id.change != UINT64_MAX && id == EventId::before(id.change + 1)) return std::to_string(id.change + 1);
    std::string out = std::to_string(id.change) + '-' + std::to_string(id.part);
    if (id.part >= EventId::kValues) return out;
    return out + '-' + std::to_string(id.time_ms) + '-' + std::to_string(id.sequence) + '-' +
           std::to_string(id.line);
}

Result<EventId> parse_event_id(std::string_view text) {
    EventId id;
    std::string_view rest = text;
    bool fits = text.size() <= 100 && take(rest, id.change);
    if (fits && rest.empty()) return EventId::before(id.change);
    fits = fits && take_next(rest, id.part);
    if (fits && id.part < EventId::kValues)
        fits = take_next(rest, id.time_ms) && take_next(rest, id.sequence) && take_next(rest, id.line);
    if (fits && rest.empty()) return id;
    return Error{Code::invalid_argument, "not the id of an event, as a stream gives them out"};
}

}  // namespace nmstore::server
