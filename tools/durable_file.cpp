#include "tools/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace nmstore::tools {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int operator*() const { return number_; }

  private:
    int number_;
};

Error failed(const std::string& what, const std::string& path) {
    return {Code::io, "cannot " + what + " " + path + ": " + std::strerror(errno)};
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view content) {
    const std::string beside = path + ".new";
    {
        const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (*file < 0) return failed("write", beside);
        if (!write_all(*file, content) || ::fsync(*file) != 0) return failed("write", beside);
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return failed("replace", path);
    const std::string parent = std::filesystem::absolute(path).parent_path().string();
    const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (*directory < 0 || ::fsync(*directory) != 0) return failed("sync", parent);
    return {};
}

Result<std::optional<std::string>> read_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (*file < 0 && errno == ENOENT) return std::optional<std::string>();
    if (*file < 0) return failed("read", path);
    std::string content;
    char buffer[64 * 1024];
    while (true) {
        const ssize_t got = ::read(*file, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) break;
        content.append(buffer, static_cast<std::size_t>(got));
    }
    return std::optional<std::string>(std::move(content));
}

}  // namespace nmstore::tools
