#include "tools/file_place.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace nmstore::tools {
namespace {

// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view bytes) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash;
}

struct Hashes {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
};

// nullopt-like: `complete` is false if the file is too short.
Result<bool> hashes_at(const ReadFile& file, std::uint64_t offset, Hashes& hashes) {
    const auto head_size = static_cast<std::size_t>(std::min<std::uint64_t>(offset, kHeadBytes));
    const auto tail_size = static_cast<std::size_t>(std::min<std::uint64_t>(offset, kTailBytes));
    NM_ASSIGN(const std::string head, file.read(0, head_size));
    NM_ASSIGN(const std::string tail, file.read(offset - tail_size, tail_size));
    hashes = {hash_of(head), hash_of(tail)};
    return head.size() == head_size && tail.size() == tail_size;
}

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
        const ssize_t got = ::pread(descriptor_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
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

Result<void> mark_place(const ReadFile& file, FilePlace& place) {
    Hashes hashes;
    NM_TRY(hashes_at(file, place.offset, hashes));
    place.head_hash = hashes.head;
    place.tail_hash = hashes.tail;
    return {};
}

Result<bool> holds_place(const ReadFile& file, const FilePlace& place) {
    Hashes hashes;
    NM_ASSIGN(const bool complete, hashes_at(file, place.offset, hashes));
    return complete && hashes.head == place.head_hash && hashes.tail == place.tail_hash;
}

}  // namespace nmstore::tools
