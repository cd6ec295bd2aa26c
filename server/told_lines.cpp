#include "server/told_lines.h"

#include <functional>

namespace nmstore::server {
namespace {

// The finalizer of MurmurHash3 (Appleby).
std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0xff51afd7ed558ccd;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
    return hash ^ hash >> 33;
}

}  // namespace

bool TellLinesOnce::has_been_told(std::uint64_t rule, const LineId& id, std::string_view text) {
    std::uint64_t hash = mixed(0, rule);
    hash = mixed(hash, static_cast<std::uint64_t>(id.time_ms));
    hash = mixed(hash, id.row);
    hash = mixed(hash, id.line);
    hash = mixed(hash, std::hash<std::string_view>{}(text));
    if (told_before_.contains(hash)) return true;
    if (!told_.insert(hash).second) return true;
    if (told_.size() >= kRemembered) {
        told_before_ = std::move(told_);
        told_.clear();
    }
    return false;
}

}  // namespace nmstore::server
