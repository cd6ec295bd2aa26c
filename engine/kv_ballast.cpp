#include "engine/kv_ballast.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace nmstore::kv {

namespace fs = std::filesystem;

Ballast::Ballast(std::string path, std::optional<std::uint64_t> bytes)
    : path_(std::move(path)), made_here_(!path_.empty() && bytes.has_value()), wanted_(bytes.value_or(0)) {}

void Ballast::fit_to(std::uint64_t disk_bytes) {
    const std::lock_guard lock(mutex_);
    if (disk_bytes != 0) wanted_ = std::min(wanted_, disk_bytes / kDiskShare);
}

std::uint64_t Ballast::size() const {
    std::error_code error;
    const std::uint64_t size = path_.empty() ? 0 : fs::file_size(path_, error);
    return error ? 0 : size;
}

std::uint64_t Ballast::bytes() const {
    const std::lock_guard lock(mutex_);
    return size();
}

std::uint64_t Ballast::missing() const {
    const std::lock_guard lock(mutex_);
    return made_here_ ? wanted_ - std::min(wanted_, size()) : 0;
}

std::uint64_t Ballast::times_given_up() const {
    const std::lock_guard lock(mutex_);
    return given_up_;
}

Result<void> Ballast::make() {
    const std::lock_guard lock(mutex_);
    if (!made_here_ || size() == wanted_) return {};
    std::error_code error;
    fs::remove(path_, error);
    if (wanted_ == 0) return {};
    const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return Error{Code::io, "cannot make " + path_ + ": " + std::strerror(errno)};
    const int failed = posix_fallocate(file, 0, static_cast<off_t>(wanted_));
    close(file);
    if (failed == 0) return {};
    fs::remove(path_, error);
    return Error{failed == ENOSPC || failed == EDQUOT ? Code::unavailable : Code::io,
                 "cannot make " + path_ + ": " + std::strerror(failed)};
}

bool Ballast::give_up() {
    const std::lock_guard lock(mutex_);
    std::error_code error;
    if (path_.empty() || !fs::remove(path_, error)) return false;
    ++given_up_;
    return true;
}

}  // namespace nmstore::kv
