// Where a shipper is in a file, in a way that tells the same file from another one: by device and inode, and,
// because inodes are used again and files are cut and copied, by what the file begins with and by the bytes
// just before the place.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::tools {

struct FilePlace {
    std::string path;  // the log that it belongs to, whatever the file is called by now
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;     // all before it has been taken
    std::uint64_t head_hash = 0;  // of the first min(offset, kHeadBytes) bytes
    std::uint64_t tail_hash = 0;  // of the min(offset, kTailBytes) bytes before offset
    std::int64_t changed_ns = 0;  // when the file had last been written to when it was read
    std::int64_t time_ms =
        0;                 // of the last line taken (what follows without a time of its own has it); 0: none
    bool settled = false;  // rotated away, and read to its end
    bool operator==(const FilePlace&) const = default;
};

inline constexpr std::size_t kHeadBytes = 256;
inline constexpr std::size_t kTailBytes = 64;

// The bytes that a place is known by, kept from what was taken, not read again: the file may have been cut
// meanwhile.
struct Trail {
    std::string head;  // at most kHeadBytes
    std::string tail;  // at most kTailBytes
    void take(std::string_view bytes);
    void mark(FilePlace& place) const;
};

// A file opened for reading; closed with it.
class ReadFile {
  public:
    // not_found: there is none. unsupported: not a regular file.
    static Result<ReadFile> open(const std::string& path);
    ~ReadFile();
    ReadFile(ReadFile&& other) noexcept : descriptor_(other.descriptor_), status_(other.status_) {
        other.descriptor_ = -1;
    }
    ReadFile& operator=(ReadFile&& other) noexcept;

    // Up to `size` bytes at `offset`; fewer at the end of the file.
    Result<std::string> read(std::uint64_t offset, std::size_t size) const;
    // Looks again how large it is. io if the file cannot be asked any more.
    Result<std::uint64_t> size();
    std::uint64_t device() const { return status_.st_dev; }
    std::uint64_t inode() const { return status_.st_ino; }
    std::int64_t changed_ns() const {
        return status_.st_mtim.tv_sec * 1'000'000'000 + status_.st_mtim.tv_nsec;
    }
    bool deleted() const { return status_.st_nlink == 0; }  // as of the last size()

  private:
    explicit ReadFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
    struct stat status_ {};
};

// The trail up to the place's offset, if the file still holds there what it held when the place was marked;
// nullopt if not.
Result<std::optional<Trail>> find_trail(const ReadFile& file, const FilePlace& place);

}  // namespace nmstore::tools
