#include "tools/pull_state.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/durable_file.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

constexpr int kVersion = 1;

std::uint64_t natural(const nlohmann::json& object, const char* name) {
    return static_cast<std::uint64_t>(member_number(object, name));
}

}  // namespace

std::string format_pull_place(const std::string& from, const std::string& to, const PullPlace& place) {
    const PullCounts& counts = place.counts;
    return "{\"version\":" + std::to_string(kVersion) + ",\"from\":" + json_string(from) +
           ",\"to\":" + json_string(to) + ",\"counters\":" + (place.counters ? "true" : "false") +
           ",\"family\":" + json_string(place.family) + ",\"row\":" + json_string(place.row) +
           ",\"column\":" + json_string(place.column) +
           ",\"row_done\":" + (place.row_done ? "true" : "false") +
           ",\"copied\":{\"families\":" + std::to_string(counts.families) +
           ",\"rows\":" + std::to_string(counts.rows) + ",\"cells\":" + std::to_string(counts.cells) +
           ",\"counters\":" + std::to_string(counts.counters) +
           ",\"refused\":" + std::to_string(counts.refused) + "}}\n";
}

Result<PullState> PullState::open(const std::string& path, const std::string& from, const std::string& to) {
    NM_ASSIGN(FileLock lock, FileLock::beside(path, "another nm-tool pulls with the state file " + path));
    return PullState(path, from, to, std::move(lock));
}

Result<std::optional<PullPlace>> PullState::load() const {
    NM_ASSIGN(const std::optional<std::string> text, read_file(path_));
    if (!text) return std::optional<PullPlace>();
    const auto parsed = parse_json(*text);
    if (!parsed.ok() || !parsed.value().is_object() || member_number(parsed.value(), "version") != kVersion ||
        !parsed.value().contains("copied")) {
        return Error{Code::corruption,
                     path_ + " is no state of a pull, or of another version: move it away to copy all anew"};
    }
    const auto& object = parsed.value();
    if (member_bytes(object, "from") != from_ || member_bytes(object, "to") != to_) {
        return Error{Code::conflict, "the state file " + path_ + " is of a pull from " +
                                         member_bytes(object, "from") + " to " + member_bytes(object, "to") +
                                         ": give another --state, or move it away"};
    }
    PullPlace place;
    place.counters = object.value("counters", false);
    place.family = member_bytes(object, "family");
    place.row = member_bytes(object, "row");
    place.column = member_bytes(object, "column");
    place.row_done = object.value("row_done", false);
    const auto& copied = object.at("copied");
    place.counts = {natural(copied, "families"), natural(copied, "rows"), natural(copied, "cells"),
                    natural(copied, "counters"), natural(copied, "refused")};
    return std::optional<PullPlace>(std::move(place));
}

Result<void> PullState::save(const PullPlace& place) const {
    return replace_file(path_, format_pull_place(from_, to_, place));
}

Result<void> PullState::remove() const {
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT)
        return Error{Code::io, "cannot remove " + path_ + ": " + std::strerror(errno)};
    return {};
}

}  // namespace nmstore::tools
