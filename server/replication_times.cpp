#include "server/replication_times.h"

#include <algorithm>

namespace nmstore::server {

constexpr std::int64_t kCloseMs = 250;

void JournalTimes::note(ChangeNumber end, std::int64_t now_ms) {
    const std::lock_guard guard(mutex_);
    // The clock was set back: what was later cannot have been.
    while (!moments_.empty() && moments_.back().first_ms > now_ms) moments_.pop_back();
    if (!moments_.empty() && (moments_.back().end == end || moments_.back().last_ms > now_ms)) {
        moments_.back().last_ms = now_ms;
        if (moments_.back().end == end) return;
    }
    if (!moments_.empty() && moments_.back().end > end) return;
    if (!moments_.empty() && now_ms - moments_.back().first_ms < kCloseMs) return;
    if (moments_.size() >= kMaxJournalTimes) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < moments_.size(); i += 2) moments_[kept++] = moments_[i];
        moments_.resize(kept);
    }
    moments_.push_back({end, now_ms, now_ms});
}

std::int64_t JournalTimes::committed_ms(ChangeNumber number, std::int64_t stamp_ms,
                                        std::int64_t now_ms) const {
    const std::lock_guard guard(mutex_);
    const auto after =
        std::upper_bound(moments_.begin(), moments_.end(), number,
                         [](ChangeNumber wanted, const Moment& moment) { return wanted < moment.end; });
    const std::int64_t latest = after == moments_.end() ? now_ms : std::min(now_ms, after->first_ms);
    const std::int64_t earliest = after == moments_.begin() ? INT64_MIN : std::prev(after)->last_ms;
    return std::min(latest, std::max(earliest, stamp_ms));
}

}  // namespace nmstore::server
