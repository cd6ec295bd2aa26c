// many_rows: what thousands of rows cost a hub that each get a line a minute, and how long a writer waits
// while great rows are sealed, merged and compacted. Time in the store runs faster than outside: its clock is
// set by the writer, and the pace is what --pace says.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/bench_store.h"

namespace {

using namespace nmstore;
using namespace nmstore::benchmarks;
using Wall = std::chrono::steady_clock;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kStartMs = 1'767'571'200'000;  // 2026-01-05, 0:00 UTC
constexpr std::size_t kKeptLines = 50'000;            // that the texts are taken from, of each kind in turn
constexpr std::size_t kGreatBatch = 5'000;            // lines

struct Arguments {
    std::size_t rows = 20'000;
    std::size_t rows_of_client = 20;  // a batch: what a client sends at once
    std::size_t minutes = 150;
    double pace_seconds = 0.5;        // that a minute takes
    std::size_t great_mib = 64;       // of the row that is sealed and compacted while others write
};

class SetClock final : public Clock {
  public:
    std::int64_t now_ms() const override { return now_ms_.load(); }
    void set(std::int64_t now_ms) { now_ms_ = now_ms; }

  private:
    std::atomic<std::int64_t> now_ms_{kStartMs};
};

// Seconds of CPU by name of the threads, those that have ended excepted.
std::map<std::string, double> cpu_by_thread() {
    std::map<std::string, double> seconds;
    DIR* const tasks = opendir("/proc/self/task");
    if (tasks == nullptr) return seconds;
    for (const dirent* task = readdir(tasks); task != nullptr; task = readdir(tasks)) {
        std::ifstream file("/proc/self/task/" + std::string(task->d_name) + "/stat");
        std::string stat((std::istreambuf_iterator<char>(file)), {});
        const std::size_t open = stat.find('('), close = stat.rfind(')');
        if (open == std::string::npos || close == std::string::npos) continue;
        std::istringstream rest(stat.substr(close + 2));
        std::string field;
        for (int i = 0; i < 11; ++i) rest >> field;
        double user = 0, system = 0;
        rest >> user >> system;
        std::string name = stat.substr(open + 1, close - open - 1);
        name = name.substr(0, name.find_first_of("0123456789"));
        seconds[name] += (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    closedir(tasks);
    return seconds;
}

double number_in(const char* path, const std::string& name) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name)) return std::strtod(line.c_str() + name.size(), nullptr);
    }
    return 0;
}

struct Waits {
    std::vector<double> ms;
    void tell(const char* what) {
        if (ms.empty()) return;
        std::sort(ms.begin(), ms.end());
        const auto at = [&](double share) {
            return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
        };
        std::printf("%-32s %zu commits, ms: median %.3f, 99%% %.2f, 99.9%% %.2f, longest %.2f\n", what,
                    ms.size(), at(0.5), at(0.99), at(0.999), ms.back());
    }
};

class ManyRows {
  public:
    explicit ManyRows(const Arguments& arguments) : arguments_(arguments) {
        GeneratorOptions generated;
        generated.clients = 1;
        LogGenerator generator(generated);
        for (std::size_t i = 0; i < kKeptLines; ++i) {
            const GeneratedLine& line = generator.next();
            texts_[std::string(line.log)].emplace_back(line.text);
        }
        for (const auto& [log, lines] : texts_) logs_.push_back(&log);
        StoreOptions options;
        options.directory = new_directory("many-rows");
        options.sync = SyncMode::off;  // what the disk does is not measured here
        options.clock = &clock_;
        store_ = require(Store::open(options));
    }

    void write() {
        const std::size_t clients = arguments_.rows / arguments_.rows_of_client;
        const auto begin = Wall::now();
        for (std::size_t minute = 0; minute < arguments_.minutes; ++minute) {
            for (std::size_t client = 0; client < clients; ++client) {
                clock_.set(kStartMs + static_cast<std::int64_t>(minute) * kMinuteMs +
                           static_cast<std::int64_t>(client * kMinuteMs / clients));
                post(client);
                const double done = static_cast<double>(minute) +
                                    static_cast<double>(client) / static_cast<double>(clients);
                const std::chrono::duration<double> due(arguments_.pace_seconds * done);
                std::this_thread::sleep_until(begin + std::chrono::duration_cast<Wall::duration>(due));
            }
        }
        tell("written");
        const double minutes = static_cast<double>(arguments_.minutes);
        std::printf("CPU of a minute, ms:");
        for (const auto& [name, seconds] : cpu_by_thread())
            std::printf(" %s %.1f", name.c_str(), seconds * 1000 / minutes);
        std::printf("\n");
        waits_.tell("a line each of a client's logs");
    }

    // Nobody writes any more.
    void settle() {
        for (int i = 0; i < 3; ++i) {
            clock_.set(clock_.now_ms() + 86'400'000);
            wait_until_still();
        }
        tell("settled");
        require(store_->compact());
        tell("compacted");
    }

    // Great rows are made, sealed, merged and compacted while a client goes on.
    void great() {
        std::atomic<bool> done{false};
        std::thread maker([&] {
            std::size_t bytes = 0;
            for (std::size_t i = 0; bytes < arguments_.great_mib << 20; i += kGreatBatch) {
                const auto batch = store_->begin_lines();
                for (std::size_t n = 0; n < kGreatBatch; ++n) {
                    const std::string& text = next_text(i + n);
                    // Every other batch in single lines, which the sealer has to make blocks of.
                    const bool great = i / kGreatBatch % 2 == 0;
                    const std::string log = great ? "a" : "b" + std::to_string(n % 400);
                    require(batch->append({"great", log, clock_.now_ms(), text, {}}));
                    bytes += text.size();
                }
                require(batch->commit());
            }
            require(store_->seal());
            require(store_->compact());
            done = true;
        });
        Waits waits;
        std::swap(waits, waits_);
        while (!done) {
            post(0);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        maker.join();
        waits_.tell("beside a great row's sealing");
        tell("after it");
    }

  private:
    const std::string& next_text(std::size_t i) {
        const auto& lines = texts_.at(*logs_[i % logs_.size()]);
        return lines[i / logs_.size() % lines.size()];
    }

    void post(std::size_t client) {
        const auto batch = store_->begin_lines();
        const std::string name = "client" + std::to_string(client);
        for (std::size_t row = 0; row < arguments_.rows_of_client; ++row) {
            const auto& lines = texts_.at(*logs_[row % logs_.size()]);
            const std::string& text = lines[(lines_ * 7919 + client) % lines.size()];
            require(batch->append({name, "log" + std::to_string(row), clock_.now_ms(), text, {}}));
            ++lines_;
            text_bytes_ += text.size();
        }
        const auto begin = Wall::now();
        require(batch->commit());
        waits_.ms.push_back(std::chrono::duration<double, std::milli>(Wall::now() - begin).count());
    }

    // What the sealer does shows in these; wakes it now and then, as the clock has been set.
    void wait_until_still() {
        std::uint64_t last = UINT64_MAX;
        for (int still = 0; still < 4;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
            const StoreStats stats = store_->stats();
            const std::uint64_t now = stats.blocks_sealed + stats.blocks_merged;
            still = now == last ? still + 1 : 0;
            last = now;
            if (still == 0) continue;
            const auto batch = store_->begin_lines();
            require(batch->append({"waker", "log", clock_.now_ms(), "awake", {}}));
            require(batch->commit());
        }
    }

    void tell(const char* when) {
        const StoreStats stats = store_->stats();
        const auto count = [](double number) { return static_cast<double>(number); };
        const double lines = count(static_cast<double>(lines_));
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
        std::printf(
            "%-10s %zu lines, %.1f MB of text; disk %.1f MB, %.1f bytes a line; fresh %llu in %llu rows; "
            "%llu blocks, %.1f MB; sealed %llu, merged %llu; written to disk %.1f MB; CPU %.1f s; memory %.0f "
            "MB, at most %.0f\n",
            when, lines_, static_cast<double>(text_bytes_) / 1e6, static_cast<double>(stats.disk_bytes) / 1e6,
            static_cast<double>(stats.disk_bytes) / lines, static_cast<unsigned long long>(stats.fresh_lines),
            static_cast<unsigned long long>(stats.fresh_rows), static_cast<unsigned long long>(stats.blocks),
            static_cast<double>(stats.block_stored_bytes) / 1e6,
            static_cast<unsigned long long>(stats.blocks_sealed),
            static_cast<unsigned long long>(stats.blocks_merged),
            number_in("/proc/self/io", "write_bytes: ") / 1e6, cpu,
            number_in("/proc/self/status", "VmRSS:") / 1024, number_in("/proc/self/status", "VmHWM:") / 1024);
    }

    const Arguments arguments_;
    SetClock clock_;
    std::map<std::string, std::vector<std::string>> texts_;  // by log
    std::vector<const std::string*> logs_;
    std::unique_ptr<Store> store_;
    std::size_t lines_ = 0;
    std::size_t text_bytes_ = 0;
    Waits waits_;
};

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    Arguments arguments;
    bool small = false;
    CLI::App app("What thousands of rows cost that each get a line a minute.");
    app.add_option("--rows", arguments.rows, "Logs that get a line a minute")->capture_default_str();
    app.add_option("--rows-of-client", arguments.rows_of_client,
                   "Logs of a client, which posts a line of each at once")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--minutes", arguments.minutes, "How long")->capture_default_str();
    app.add_option("--pace", arguments.pace_seconds, "Seconds that a minute takes; 0: as fast as it can")
        ->capture_default_str();
    app.add_option("--great", arguments.great_mib, "MiB of text sealed and compacted while others write")
        ->capture_default_str();
    app.add_flag("--small", small, "Seconds: only shows that it works");
    CLI11_PARSE(app, argc, argv);
    if (small) arguments = {100, 20, 70, 0, 2};
    ManyRows rows(arguments);
    rows.write();
    rows.great();
    rows.settle();
    return 0;
}
