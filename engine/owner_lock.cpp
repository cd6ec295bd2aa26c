#include "engine/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "nmstore/value_type.h"

namespace nmstore {

namespace {

constexpr std::size_t kMaxContentBytes = 1024;

std::string utc_text(std::int64_t time_ms) {
    const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr) return "an unknown time";
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
    return name.data();
}

// "nm-stored 127.0.0.1:8001 (pid 123 on web1) since 2024-05-01T10:00:00Z": the sentence for the next who
// tries.
std::string describe(std::string_view owner, std::int64_t now_ms) {
    return printable(owner) + " (pid " + std::to_string(getpid()) + " on " + host_name() + ") since " +
           utc_text(now_ms);
}

std::string read_content(int descriptor) {
    std::string content(kMaxContentBytes, '\0');
    const ssize_t size = pread(descriptor, content.data(), content.size(), 0);
    content.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (const auto end = content.find('\n'); end != std::string::npos) content.resize(end);
    // The holder may be between taking the lock and writing its name.
    return content.empty() ? "another process" : content;
}

Result<void> write_content(int descriptor, const std::string& content, const std::string& path) {
    const ssize_t written =
        ftruncate(descriptor, 0) == 0 ? pwrite(descriptor, content.data(), content.size(), 0) : -1;
    if (written == static_cast<ssize_t>(content.size())) return {};
    // A full disk must not keep the store from being opened and read: the lock itself is what counts.
    if (errno == ENOSPC || errno == EDQUOT) return {};
    return Error{Code::io, "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<OwnerLock>> OwnerLock::acquire(const std::string& directory, std::string_view owner,
                                                      std::int64_t now_ms) {
    const std::string path = (std::filesystem::path(directory) / kOwnerLockName).string();
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return Error{Code::io, "cannot open " + path + ": " + std::strerror(errno)};
    std::unique_ptr<OwnerLock> lock(new OwnerLock(descriptor));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return Error{Code::io, "cannot lock " + path + ": " + std::strerror(errno)};
        return Error{Code::busy, "data directory " + directory + " is in use by " + read_content(descriptor)};
    }
    NM_TRY(write_content(descriptor, describe(owner, now_ms) + "\n", path));
    return lock;
}

OwnerLock::~OwnerLock() {
    // The file stays: removing it could take it from under somebody who has just opened it.
    close(descriptor_);
}

}  // namespace nmstore
