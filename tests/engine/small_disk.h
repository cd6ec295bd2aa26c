// A disk that is soon full.
#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace nmstore::testing {

// A small file system of its own; not mounted if the process may not.
class SmallDisk {
  public:
    explicit SmallDisk(const std::string& path, const std::string& size = "32m") : path_(path) {
        std::filesystem::create_directories(path);
        mounted_ = mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }

  private:
    std::string path_;
    bool mounted_ = false;
};

inline void fill_up(const std::string& path) {
    std::ofstream file(path, std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
}

}  // namespace nmstore::testing
