#include "server/realtime_stats.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace nmstore::server {

void append_text(std::string& out, const RealtimeStats& stats) {
    struct Row {
        std::string_view name, type, help;
        std::uint64_t RealtimeStats::*value;
    };
    static constexpr Row kRows[] = {
        {"topics", "gauge", "Different filters and channels that are followed.", &RealtimeStats::topics},
        {"readers", "gauge", "Those who follow them.", &RealtimeStats::readers},
        {"changes_behind", "gauge", "Commits that are not told yet, about.", &RealtimeStats::behind},
        {"events_total", "counter", "Events made, each once for all who follow the same.",
         &RealtimeStats::events},
        {"events_delivered_total", "counter", "Events handed out to readers.", &RealtimeStats::delivered},
        {"events_dropped_total", "counter", "Events that readers asked to be told as missed.",
         &RealtimeStats::dropped},
        {"catch_ups_total", "counter", "Times that a reader has got what it missed from the store.",
         &RealtimeStats::catch_ups},
        {"catch_up_bytes", "gauge", "Events read from the store for readers that have not taken them yet.",
         &RealtimeStats::catch_up_bytes},
        {"catch_up_waits_total", "counter",
         "Times that a reader waited for others to take theirs, as there was no more room.",
         &RealtimeStats::catch_up_waits},
        {"gaps_total", "counter", "Times that a reader came too late for what it missed.",
         &RealtimeStats::gaps},
        {"failures_total", "counter", "Commits or reads of which nothing could be told.",
         &RealtimeStats::failures},
    };
    for (const Row& row : kRows) {
        fmt::format_to(std::back_inserter(out),
                       "# HELP nmstore_realtime_{0} {1}\n# TYPE nmstore_realtime_{0} {2}\n"
                       "nmstore_realtime_{0} {3}\n",
                       row.name, row.help, row.type, stats.*row.value);
    }
}

}  // namespace nmstore::server
