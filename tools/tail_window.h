// Which lines a tail has shown already. Lines do not arrive in the order of their times (agents post in bulk,
// minutes late), so a tail looks again and again at the last stretch of time, and shows what it has not shown
// yet.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>

namespace nmstore::tools {

// So many lines are remembered at most; with more, the window is shorter than asked for.
inline constexpr std::size_t kMaxRemembered = 1'000'000;

class TailWindow {
  public:
    // Lines more than `late_ms` older than the newest one seen are not looked for any more.
    explicit TailWindow(std::int64_t late_ms, std::size_t max_remembered = kMaxRemembered)
        : late_ms_(late_ms), max_remembered_(max_remembered) {}

    // true the first time that it is given this line.
    bool take(std::int64_t time_ms, const std::string& id);
    bool empty() const { return newest_ms_ == INT64_MIN; }
    // Where to look from: `back_ms` (at most late_ms) before the newest line.
    std::int64_t from_ms(std::int64_t back_ms) const;
    // Forgets the lines that are too old to be looked for.
    void prune();
    std::size_t size() const { return seen_.size(); }

  private:
    std::int64_t late_ms_;
    std::size_t max_remembered_;
    std::int64_t newest_ms_ = INT64_MIN;
    std::int64_t oldest_ms_ = INT64_MIN;  // what is older has been forgotten
    std::unordered_set<std::string> seen_;
    std::multimap<std::int64_t, std::string> by_time_;
};

}  // namespace nmstore::tools
