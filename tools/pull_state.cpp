#include "tools/pull_state.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/durable_file.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

constexpr int kVersion = 2;

std::uint64_t natural(const nlohmann::json& object, const char* name) {
    return static_cast<std::uint64_t>(member_number(object, name));
}

std::string told(const PullTask& task) {
    std::string out = "from " + task.from + " to " + task.to;
    if (!task.families.empty()) {
        out += ", of the families";
        for (const std::string& family : task.families) out += " " + family;
        out += " only";
    }
    return task.counters ? out : out + ", without counters";
}

Result<PullTask> task_of(const nlohmann::json& object) {
    PullTask task{member_bytes(object, "from"), member_bytes(object, "to"), {}, true};
    const auto families = object.find("families");
    const auto counters = object.find("with_counters");
    if (families == object.end() || !families->is_array() || counters == object.end() ||
        !counters->is_boolean())
        return Error{Code::corruption, "no task"};
    for (const auto& family : *families) {
        if (!family.is_string()) return Error{Code::corruption, "no family"};
        task.families.insert(bytes_of(family));
    }
    task.counters = counters->get<bool>();
    return task;
}

}  // namespace

std::string format_pull_place(const PullTask& task, const KeptPlace& kept) {
    const PullPlace& place = kept.place;
    const PullCounts& counts = place.counts;
    std::string families;
    for (const std::string& family : task.families)
        families += (families.empty() ? "" : ",") + json_string(family);
    return "{\"version\":" + std::to_string(kVersion) + ",\"from\":" + json_string(task.from) +
           ",\"to\":" + json_string(task.to) + ",\"families\":[" + families +
           "],\"with_counters\":" + (task.counters ? "true" : "false") +
           ",\"store\":" + json_string(kept.store) + ",\"counters\":" + (place.counters ? "true" : "false") +
           ",\"family\":" + json_string(place.family) + ",\"row\":" + json_string(place.row) +
           ",\"column\":" + json_string(place.column) +
           ",\"row_done\":" + (place.row_done ? "true" : "false") +
           ",\"copied\":{\"families\":" + std::to_string(counts.families) +
           ",\"rows\":" + std::to_string(counts.rows) + ",\"cells\":" + std::to_string(counts.cells) +
           ",\"counters\":" + std::to_string(counts.counters) +
           ",\"refused\":" + std::to_string(counts.refused) + "}}\n";
}

Result<PullState> PullState::open(const std::string& path, PullTask task) {
    NM_ASSIGN(FileLock lock, FileLock::beside(path, "another nm-tool pulls with the state file " + path));
    return PullState(path, std::move(task), std::move(lock));
}

Result<std::optional<KeptPlace>> PullState::load() const {
    NM_ASSIGN(const std::optional<std::string> text, read_file(path_));
    if (!text) return std::optional<KeptPlace>();
    const Error none{Code::corruption,
                     path_ + " is no state of a pull, or of another version: move it away to copy all anew"};
    const auto parsed = parse_json(*text);
    if (!parsed.ok() || !parsed.value().is_object() || member_number(parsed.value(), "version") != kVersion ||
        !parsed.value().contains("copied"))
        return none;
    const auto& object = parsed.value();
    const auto task = task_of(object);
    if (!task.ok()) return none;
    if (*task != task_) {
        return Error{Code::conflict, "the state file " + path_ + " is of a pull " + told(*task) +
                                         ": say the same again, give another --state, or move it away"};
    }
    KeptPlace kept;
    kept.store = member_bytes(object, "store");
    PullPlace& place = kept.place;
    place.counters = object.value("counters", false);
    place.family = member_bytes(object, "family");
    place.row = member_bytes(object, "row");
    place.column = member_bytes(object, "column");
    place.row_done = object.value("row_done", false);
    const auto& copied = object.at("copied");
    place.counts = {natural(copied, "families"), natural(copied, "rows"), natural(copied, "cells"),
                    natural(copied, "counters"), natural(copied, "refused")};
    return std::optional<KeptPlace>(std::move(kept));
}

Result<void> PullState::save(const KeptPlace& kept) const {
    return replace_file(path_, format_pull_place(task_, kept));
}

Result<void> PullState::remove() const {
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT)
        return Error{Code::io, "cannot remove " + path_ + ": " + std::strerror(errno)};
    return {};
}

}  // namespace nmstore::tools
