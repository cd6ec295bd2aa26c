// When it was last noted on disk that a client, or one of its logs, has sent lines: so that a busy client's
// index rows are not written with every batch. Kept in memory only: after a start all is noted again.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace nmstore {

inline constexpr std::int64_t kNotePeriodMs = 10'000;

class Presence {
  public:
    static constexpr std::size_t kMaxNames =
        100'000;  // then it forgets all and notes more often than it must

    // Whether this name has not been noted within the last kNotePeriodMs (or the clock went back).
    bool due(const std::string& name, std::int64_t now_ms) const {
        const std::lock_guard guard(mutex_);
        const auto it = noted_.find(name);
        return it == noted_.end() || now_ms < it->second || now_ms - it->second >= kNotePeriodMs;
    }

    void noted(const std::string& name, std::int64_t now_ms) {
        const std::lock_guard guard(mutex_);
        if (noted_.size() >= kMaxNames) noted_.clear();
        noted_[name] = now_ms;
    }

  private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::int64_t> noted_;
};

}  // namespace nmstore
