#include "engine/hub_id.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>

#include "engine/journal_record.h"

namespace nmstore {
namespace {

constexpr std::size_t kDigits = 2 * kHubIdBytes;

Error failed(const std::string& what, const std::string& path) {
    return {Code::io, "cannot " + what + " " + path + ": " + std::strerror(errno)};
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    operator int() const { return number_; }

  private:
    const int number_;
};

std::string new_id() {
    std::random_device chance;
    std::string out;
    while (out.size() < kDigits) {
        std::array<char, 9> digits{};
        std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(chance()));
        out += digits.data();
    }
    return out;
}

bool is_id(const std::string& text) {
    return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Under its name only once it is whole and on disk.
Result<void> write(const std::string& directory, const std::string& path, const std::string& content) {
    const std::string unfinished = path + ".unfinished";
    {
        const Descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (file < 0) return failed("make", unfinished);
        if (::write(file, content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
            ::fsync(file) != 0)
            return failed("write", unfinished);
    }
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) return failed("make", path);
    const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder < 0 || ::fsync(folder) != 0) return failed("sync", directory);
    return {};
}

}  // namespace

Result<std::string> hub_id(const std::string& directory, bool read_only) {
    const std::string path = (std::filesystem::path(directory) / kHubIdName).string();
    const std::string none(kDigits, '0');
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file >= 0) {
        std::array<char, 64> content{};
        const ssize_t size = ::read(file, content.data(), content.size());
        if (size < 0) return failed("read", path);
        std::string id(content.data(), static_cast<std::size_t>(size));
        if (!id.empty() && id.back() == '\n') id.pop_back();
        if (!is_id(id))
            return Error{Code::corruption, path + " does not hold the name of a hub: 32 hexadecimal digits"};
        return id;
    }
    if (errno != ENOENT) return failed("read", path);
    if (read_only) return none;
    std::string id = new_id();
    const Result<void> written = write(directory, path, id + "\n");
    if (written.ok()) return id;
    // A full disk must not keep a store from being opened: it has no name until there is room.
    if (errno == ENOSPC || errno == EDQUOT) return none;
    return written.error();
}

}  // namespace nmstore
