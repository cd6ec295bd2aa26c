#include "server/alert_words.h"

namespace nmstore::server {

std::string span_text(std::int64_t ms) {
    if (ms % 60'000 == 0 && ms > 0) return std::to_string(ms / 60'000) + "m";
    if (ms % 1'000 == 0) return std::to_string(ms / 1'000) + "s";
    return std::to_string(ms) + "ms";
}

std::string of_group(const AlertGroup& group) {
    if (group.client.empty()) return {};
    std::string text = " of " + group.client;
    if (!group.log.empty()) text += ", " + group.log;
    if (!group.field.empty()) text += ", " + group.field;
    return text;
}

}  // namespace nmstore::server
