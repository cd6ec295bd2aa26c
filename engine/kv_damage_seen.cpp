#include "engine/kv_damage_seen.h"

#include <filesystem>

namespace nmstore::kv {

namespace {

constexpr std::string_view kEnding = ".sst";

// "000012.sst", or "".
std::string_view table_file(std::string_view message) {
    const std::size_t end = message.find(kEnding);
    if (end == std::string_view::npos) return {};
    std::size_t begin = end;
    while (begin != 0 && message[begin - 1] >= '0' && message[begin - 1] <= '9') --begin;
    return begin == end ? std::string_view() : message.substr(begin, end + kEnding.size() - begin);
}

}  // namespace

bool DamageSeen::note(std::string_view message) {
    // The directory's own name may look like a file's.
    const std::size_t after = message.rfind(directory_);
    const std::string_view file =
        table_file(after == std::string_view::npos ? message : message.substr(after + directory_.size()));
    const std::string place = file.empty() ? directory_ : directory_ + "/" + std::string(file);
    const std::lock_guard lock(mutex_);
    ++times_;
    if (places_.size() < kMaxFiles) places_.insert(place);
    return !file.empty();
}

void DamageSeen::tell(DatabaseStats& stats) const {
    const std::lock_guard lock(mutex_);
    stats.damage_seen = times_;
    for (const std::string& place : places_) {
        std::error_code error;
        if (std::filesystem::exists(place, error)) stats.damaged_files.push_back(place);
    }
}

}  // namespace nmstore::kv
