#include "tools/tail_window.h"

#include <algorithm>

namespace nmstore::tools {

bool TailWindow::take(std::int64_t time_ms, const std::string& id) {
    if (time_ms < oldest_ms_ || !seen_.insert(id).second) return false;
    by_time_.emplace(time_ms, id);
    newest_ms_ = std::max(newest_ms_, time_ms);
    while (seen_.size() > max_remembered_) {
        oldest_ms_ = by_time_.begin()->first + 1;
        seen_.erase(by_time_.begin()->second);
        by_time_.erase(by_time_.begin());
    }
    return true;
}

std::int64_t TailWindow::from_ms(std::int64_t back_ms) const {
    const std::int64_t back = std::min(back_ms, late_ms_);
    return newest_ms_ < INT64_MIN + back ? INT64_MIN : std::max(oldest_ms_, newest_ms_ - back);
}

void TailWindow::prune() {
    const std::int64_t oldest_ms = from_ms(late_ms_);
    while (!by_time_.empty() && by_time_.begin()->first < oldest_ms) {
        seen_.erase(by_time_.begin()->second);
        by_time_.erase(by_time_.begin());
    }
}

}  // namespace nmstore::tools
