// What holds for every query while it runs: its limits, who may stop it, and what it cost.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "nmstore/result.h"

namespace nmstore::query {

struct Limits {
    std::chrono::milliseconds time{30000};              // query_timeout
    std::uint64_t lines = 1'000'000'000;                // query_max_lines: lines looked at
    std::size_t memory_bytes = std::size_t{256} << 20;  // query_max_memory: for what it collects
};

struct Stats {
    std::uint64_t rows_opened = 0;
    std::uint64_t lines_scanned = 0;
    std::uint64_t lines_matched = 0;
    std::uint64_t bytes_scanned = 0;
    double elapsed_ms = 0;
    // "" if the answer is complete; else why it is not: "query_timeout", "query_max_lines",
    // "query_max_memory".
    std::string stopped_by;
};

inline constexpr std::chrono::milliseconds kGonePollInterval{20};
inline constexpr std::chrono::microseconds kHelpAfter{1000};

// Handed through a query by reference; asked every few lines. Owned by whoever runs the query.
class Execution {
  public:
    explicit Execution(Limits limits = {}) : limits_(limits), start_(std::chrono::steady_clock::now()) {}

    // From any thread: the reader has gone away.
    void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
    bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
    // Asked by go_on() every kGonePollInterval at most; true counts as cancel(). Set before the query starts.
    std::function<bool()> gone;

    // false once the query must end; then stats.stopped_by says why (or cancelled() is true).
    bool go_on();
    // Counts memory that the query holds; false when over the limit.
    bool hold(std::size_t bytes);
    // How much more it may hold.
    std::size_t left() const { return limits_.memory_bytes - std::min(held_, limits_.memory_bytes); }
    // Whether so much more is within what may be used to be faster: half of the limit, the rest is for the
    // answer.
    bool can_spare(std::size_t bytes) const {
        const std::size_t spare = limits_.memory_bytes / 2;
        return bytes <= spare && held_ <= spare - bytes;
    }

    // A query that takes longer than this reads blocks on several threads.
    std::chrono::microseconds help_after = kHelpAfter;
    std::chrono::steady_clock::duration elapsed() const { return std::chrono::steady_clock::now() - start_; }

    const Limits& limits() const { return limits_; }
    Stats stats;
    void finish();  // sets stats.elapsed_ms

  private:
    Limits limits_;
    std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point next_poll_ = start_;
    std::atomic<bool> cancelled_{false};
    std::size_t held_ = 0;
};

}  // namespace nmstore::query
