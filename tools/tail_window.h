// Which lines a tail has shown already. Lines do not arrive in the order of their times (agents post in bulk,
// minutes late), so a tail looks again and again at the last stretch of time, and shows what it has not shown
// yet.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>

namespace nmstore::tools {

class TailWindow {
  public:
    // Lines more than `late_ms` older than the newest one seen are not looked for any more.
    explicit TailWindow(std::int64_t late_ms) : late_ms_(late_ms) {}

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
    std::int64_t newest_ms_ = INT64_MIN;
    std::unordered_set<std::string> seen_;
    std::multimap<std::int64_t, std::string> by_time_;
};

}  // namespace nmstore::tools
