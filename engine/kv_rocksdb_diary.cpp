// RocksDB's diary of what it does, in the file LOG of its directory. Ours rather than RocksDB's own because
// that one ends the process (an assertion, in builds that have them) when it writes after a write of it has
// failed, as it does on a full disk. This one drops what it cannot write.
#include <rocksdb/env.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <ctime>

#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

constexpr std::size_t kMaxDiaryBytes = std::size_t{4} << 20;  // then it becomes LOG.old, and a new one begins
constexpr std::size_t kMaxEntryBytes = 2048;                  // longer entries are cut

class Diary final : public rocksdb::Logger {
  public:
    explicit Diary(std::string path) : Logger(rocksdb::InfoLogLevel::INFO_LEVEL), path_(std::move(path)) {
        if (!path_.empty()) file_ = std::fopen(path_.c_str(), "ae");
        if (file_ == nullptr) return;
        std::fseek(file_, 0, SEEK_END);
        size_ = static_cast<std::size_t>(std::max(0L, std::ftell(file_)));
    }
    ~Diary() override {
        if (file_ != nullptr) std::fclose(file_);
    }

    using Logger::Logv;
    void Logv(const char* format, va_list arguments) override {
        std::array<char, kMaxEntryBytes> text{};
        if (path_.empty()) return;
        const int stamp = write_time(text);
        std::vsnprintf(text.data() + stamp, text.size() - static_cast<std::size_t>(stamp), format, arguments);
        const std::lock_guard lock(mutex_);
        if (size_ > kMaxDiaryBytes) roll();
        if (file_ == nullptr) return;
        const int written = std::fprintf(file_, "%s\n", text.data());
        if (written > 0) size_ += static_cast<std::size_t>(written);
        std::fflush(file_);
    }

  private:
    static int write_time(std::array<char, kMaxEntryBytes>& text) {
        timeval now{};
        gettimeofday(&now, nullptr);
        std::tm parts{};
        gmtime_r(&now.tv_sec, &parts);
        const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
        return static_cast<int>(size) + std::snprintf(text.data() + size, text.size() - size, ".%06dZ ",
                                                      static_cast<int>(now.tv_usec));
    }

    void roll() {
        if (file_ != nullptr) std::fclose(file_);
        std::rename(path_.c_str(), (path_ + ".old").c_str());
        file_ = std::fopen(path_.c_str(), "ae");
        size_ = 0;
    }

    const std::string path_;
    std::mutex mutex_;
    std::FILE* file_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_diary(const std::string& directory) {
    return std::make_shared<Diary>(directory.empty() ? "" : directory + "/LOG");
}

}  // namespace nmstore::kv
