// What it costs to let old days go: how long retention takes by age and by bytes, how much of the processor,
// when the disk has its room back, and what those who write meanwhile notice. Also what a compaction of
// everything costs.
//
// A program that tells a table, and not one of many rounds: each step works on what the one before has left.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "benchmarks/bench_store.h"
#include "benchmarks/cpu_seconds.h"

namespace nmstore::benchmarks {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
using Timer = std::chrono::steady_clock;

class BenchClock final : public Clock {
  public:
    std::int64_t now_ms() const override { return kToday; }
    static constexpr std::int64_t kToday = std::int64_t{20'500} * kDayMs;
};

double seconds_since(Timer::time_point begin) {
    return std::chrono::duration<double>(Timer::now() - begin).count();
}

std::uint64_t table_bytes(const std::string& directory) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory + "/db", error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code gone;
        const std::uint64_t size = entry->path().extension() == ".sst" ? entry->file_size(gone) : 0;
        if (!gone) bytes += size;
    }
    return bytes;
}

// Commits ten lines of today again and again, and keeps how long each took.
class Writer {
  public:
    explicit Writer(Store& store) : store_(store), thread_([this] { run(); }) {}
    ~Writer() {
        stop_ = true;
        thread_.join();
    }
    std::vector<double> take() {
        const std::lock_guard guard(mutex_);
        return std::exchange(took_, {});
    }

  private:
    void run() {
        for (std::int64_t i = 0; !stop_; ++i) {
            const auto begin = Timer::now();
            const auto batch = store_.begin_lines();
            for (int n = 0; n < 10; ++n)
                require(batch->append(
                    {"writer", "log", BenchClock::kToday + i, "a line that somebody writes", {}}));
            require(batch->commit());
            const double took = seconds_since(begin);
            {
                const std::lock_guard guard(mutex_);
                took_.push_back(took);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    Store& store_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::vector<double> took_;
    std::thread thread_;
};

double at(std::vector<double> took, double share) {
    if (took.empty()) return 0;
    std::sort(took.begin(), took.end());
    return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))] * 1e3;
}

// One step, told as a line of the table.
void measure(const char* what, Writer& writer, const std::string& directory,
             const std::function<std::string()>& step) {
    (void)writer.take();
    const std::uint64_t before = table_bytes(directory);
    const double cpu = cpu_seconds();
    const auto begin = Timer::now();
    const std::string said = step();
    const double took = seconds_since(begin);
    const double used = cpu_seconds() - cpu;
    const std::vector<double> commits = writer.take();
    std::printf(
        "%-22s %8.2f s %8.2f s CPU  files %7.1f -> %7.1f MB  commit p50 %6.2f p99 %7.2f max %7.2f ms  %s\n",
        what, took, used, static_cast<double>(before) / 1e6,
        static_cast<double>(table_bytes(directory)) / 1e6, at(commits, 0.5), at(commits, 0.99),
        at(commits, 1), said.c_str());
    std::fflush(stdout);
}

void run() {
    const std::size_t rows_a_day = sized(200, 4);
    const std::size_t days = sized(100, 5);
    const std::size_t lines_a_row = sized(500, 20);
    const std::vector<KeptLine>& lines = kept_lines(sized(1'000'000, 2000));
    const BenchClock clock;
    StoreOptions options;
    options.directory = new_directory("retention");
    options.clock = &clock;
    options.upkeep.background = false;
    const auto store = require(Store::open(options));

    std::size_t next = 0;
    std::uint64_t text = 0;
    auto begin = Timer::now();
    for (std::size_t day = days; day >= 1; --day) {
        const auto batch = store->begin_lines();
        for (std::size_t row = 0; row < rows_a_day; ++row) {
            const std::string client = "client" + std::to_string(row);
            for (std::size_t i = 0; i < lines_a_row; ++i) {
                const KeptLine& line = lines[next++ % lines.size()];
                const std::int64_t time_ms = BenchClock::kToday - static_cast<std::int64_t>(day) * kDayMs +
                                             static_cast<std::int64_t>(i * (kDayMs / lines_a_row));
                require(batch->append({client, line.log, time_ms, line.text, {}}));
                text += line.text.size();
            }
        }
        require(batch->commit());
    }
    require(store->seal());
    const StoreStats full = store->stats();
    std::printf("%llu rows, %zu days, %.0f MB of text in %.1f s: %llu blocks of %.1f MB\n",
                static_cast<unsigned long long>(full.rows), days, static_cast<double>(text) / 1e6,
                seconds_since(begin), static_cast<unsigned long long>(full.blocks),
                static_cast<double>(full.block_stored_bytes) / 1e6);

    Writer writer(*store);
    const auto quiet = [] {
        std::this_thread::sleep_for(std::chrono::seconds(is_small() ? 0 : 5));
        return std::string();
    };
    const auto drop = [&](const RetentionPolicy& policy) {
        const RetentionReport report = require(store->retain(policy));
        return std::to_string(report.rows_by_age + report.rows_by_bytes) + " rows of " +
               std::to_string(report.bytes / 1000) +
               " kB, files taken away so far: " + std::to_string(store->stats().files_dropped);
    };
    measure("nothing", writer, options.directory, quiet);
    measure("compaction", writer, options.directory, [&] {
        require(store->compact());
        return std::string();
    });
    measure("nothing", writer, options.directory, quiet);
    RetentionPolicy nothing_old;
    nothing_old.keep_ms = static_cast<std::int64_t>(days + 1) * kDayMs;
    measure("by age: nothing to do", writer, options.directory, [&] { return drop(nothing_old); });
    RetentionPolicy one_day;
    one_day.keep_ms = static_cast<std::int64_t>(days - 1) * kDayMs;
    measure("by age: a day", writer, options.directory, [&] { return drop(one_day); });
    RetentionPolicy half;
    half.keep_ms = static_cast<std::int64_t>(days / 2) * kDayMs;
    measure("by age: half of all", writer, options.directory, [&] { return drop(half); });
    RetentionPolicy small;
    small.max_bytes = store->stats().block_stored_bytes / 2;
    measure("by bytes: half of it", writer, options.directory, [&] { return drop(small); });
    measure("nothing", writer, options.directory, quiet);
}

}  // namespace
}  // namespace nmstore::benchmarks

int main() {
    nmstore::benchmarks::run();
    return 0;
}
