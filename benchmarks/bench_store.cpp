#include "benchmarks/bench_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace nmstore::benchmarks {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSyncedBytes = 4096;

// All directories of this process, below one.
class Root {
  public:
    Root() {
        const char* named = std::getenv("NM_BENCHMARK_DIRECTORY");
        std::string path = (fs::path(named != nullptr ? named : ".") / "benchmark-data-XXXXXX").string();
        if (mkdtemp(path.data()) == nullptr) {
            std::perror(path.c_str());
            std::exit(1);
        }
        path_ = path;
    }
    ~Root() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace

double measure_raw_syncs_per_second() {
    using Clock = std::chrono::steady_clock;
    const std::string path = new_directory("syncs") + "/file";
    const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    const std::array<char, kSyncedBytes> block{};
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::milliseconds(sized(500, 20));
    double syncs = 0;
    while (Clock::now() < end) {
        if (write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
            fdatasync(file) != 0) {
            std::perror(path.c_str());
            std::exit(1);
        }
        ++syncs;
    }
    close(file);
    return syncs / std::chrono::duration<double>(Clock::now() - begin).count();
}

bool is_small() {
    static const bool small = std::getenv("NM_BENCHMARK_SMALL") != nullptr;
    return small;
}

std::string new_directory(std::string_view name) {
    static const Root root;
    static std::atomic<int> number{0};
    const std::string path =
        root.path() + "/" + std::to_string(number.fetch_add(1)) + "-" + std::string(name);
    fs::create_directories(path);
    return path;
}

void require(const Result<void>& result) {
    if (result.ok()) return;
    std::fprintf(stderr, "benchmark: %s\n", result.error().message.c_str());
    std::exit(1);
}

std::unique_ptr<Store> new_store(std::string_view name, SyncMode sync) {
    StoreOptions options;
    options.directory = new_directory(name);
    options.sync = sync;
    return require(Store::open(options));
}

const std::vector<KeptLine>& kept_lines(std::size_t count) {
    static std::mutex mutex;
    static LogGenerator generator({});
    static std::vector<KeptLine> lines;
    const std::lock_guard lock(mutex);
    if (lines.empty()) {
        lines.reserve(count);
        while (lines.size() < count) {
            const GeneratedLine& line = generator.next();
            lines.push_back(
                {line.time_ms, std::string(line.client), std::string(line.log), std::string(line.text)});
        }
    }
    return lines;
}

std::uint64_t text_bytes(const std::vector<KeptLine>& lines) {
    std::uint64_t bytes = 0;
    for (const auto& line : lines) bytes += line.text.size() + 1;
    return bytes;
}

void RatioTo::report(benchmark::State& state, const char* name, double count) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    state.counters[name] = benchmark::Counter(count / seconds / baseline_);  // summed up over the threads
}

}  // namespace nmstore::benchmarks
