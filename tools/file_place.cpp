#include "tools/file_place.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "query/opaque_text.h"
namespace nmstore::tools {
namespace {

Error system_error(const std::string& what) {
    const Code code = errno == ENOENT ? Code::not_found : Code::io;
    return {code, what + ": " + std::strerror(errno)};
}

}  // namespace

Result<ReadFile> ReadFile::open(const std::string& path) {
    // O_NONBLOCK: a FIFO must not hold us up before we know that it is one.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return system_error("cannot open " + path);
    ReadFile file(descriptor);
    NM_TRY(file.size());
    if (!S_ISREG(file.status_.st_mode)) return Error{Code::unsupported, path + " is not a regular file"};
    return file;
}

ReadFile::~ReadFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    status_ = other.status_;
    return *this;
}

Result<std::string> ReadFile::read(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(descriptor_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("cannot read a log");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

Result<std::uint64_t> ReadFile::size() {
    if (::fstat(descriptor_, &status_) != 0) return system_error("cannot look at a log");
    return static_cast<std::uint64_t>(status_.st_size);
}

void Trail::take(std::string_view bytes) {
    if (head.size() < kHeadBytes) head += bytes.substr(0, kHeadBytes - head.size());
    if (bytes.size() >= kTailBytes) {
        tail = bytes.substr(bytes.size() - kTailBytes);
        return;
    }
    tail += bytes;
    if (tail.size() > kTailBytes) tail.erase(0, tail.size() - kTailBytes);
}

void Trail::mark(FilePlace& place) const {
    place.head_hash = query::fingerprint(head);
    place.tail_hash = query::fingerprint(tail);
}

Result<std::optional<Trail>> find_trail(const ReadFile& file, const FilePlace& place) {
    const auto head_size = static_cast<std::size_t>(std::min<std::uint64_t>(place.offset, kHeadBytes));
    const auto tail_size = static_cast<std::size_t>(std::min<std::uint64_t>(place.offset, kTailBytes));
    Trail trail;
    NM_ASSIGN(trail.head, file.read(0, head_size));
    NM_ASSIGN(trail.tail, file.read(place.offset - tail_size, tail_size));
    const bool same = trail.head.size() == head_size && trail.tail.size() == tail_size &&
                      query::fingerprint(trail.head) == place.head_hash &&
                      query::fingerprint(trail.tail) == place.tail_hash;
    return same ? std::optional<Trail>(std::move(trail)) : std::nullopt;
}

}  // namespace nmstore::tools
