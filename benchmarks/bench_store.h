// What the benchmarks share: where they keep their data, how large it is, and what the machine itself can do,
// measured in the same run so that a figure can be told as a ratio.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/log_generator.h"
#include "nmstore/store.h"

namespace nmstore::benchmarks {

// Small when the benchmarks run among the tests (NM_BENCHMARK_SMALL is set).
bool is_small();
inline std::size_t sized(std::size_t full, std::size_t small) {
    return is_small() ? small : full;
}

// A new directory below NM_BENCHMARK_DIRECTORY (default: the working directory, since /tmp is often no disk);
// removed at the end of the process.
std::string new_directory(std::string_view name);

// Ends the process with the error's message if there is one: a benchmark of what fails says nothing.
void require(const Result<void>& result);
template <class T>
T require(Result<T> result) {
    if (!result.ok()) require(Result<void>(result.error()));
    return std::move(result).value();
}

std::unique_ptr<Store> new_store(std::string_view name, SyncMode sync);

// Lines made once, by the same seed, and kept.
struct KeptLine {
    std::int64_t time_ms;
    std::string client;
    std::string log;
    std::string text;
};
const std::vector<KeptLine>& kept_lines(std::size_t count);
std::uint64_t text_bytes(const std::vector<KeptLine>& lines);

// How many times a second this disk appends 4 KiB to a file and syncs it, right now: what else the disk does
// changes it from one second to the next.
double measure_raw_syncs_per_second();

// From its making on: how many of something a second, as a multiple of what the machine can do.
class RatioTo {
  public:
    explicit RatioTo(double baseline_per_second) : baseline_(baseline_per_second) {}
    void report(benchmark::State& state, const char* name, double count) const;

  private:
    using Clock = std::chrono::steady_clock;
    const double baseline_;
    const Clock::time_point begin_ = Clock::now();
};

}  // namespace nmstore::benchmarks
