#include "engine/kv_directory_size.h"

#include <filesystem>
#include <utility>

namespace nmstore::kv {

void measure_directory(const std::string& directory, DatabaseStats& stats) {
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code gone;  // files come and go while we look
        const std::uint64_t size = entry->file_size(gone);
        if (gone) continue;
        stats.disk_bytes += size;
        if (entry->path().extension() == ".log") stats.log_bytes += size;
    }
}

DirectorySize::DirectorySize(std::string directory) : directory_(std::move(directory)) {}

void DirectorySize::tell(DatabaseStats& stats, Time now) {
    const std::lock_guard lock(mutex_);
    if (!measured_ || now - *measured_ >= kMostAge) {
        size_ = {};
        measure_directory(directory_, size_);
        measured_ = now;
    }
    stats.disk_bytes = size_.disk_bytes;
    stats.log_bytes = size_.log_bytes;
}

void DirectorySize::forget() {
    const std::lock_guard lock(mutex_);
    measured_.reset();
}

}  // namespace nmstore::kv
