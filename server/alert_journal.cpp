#include "server/alert_journal.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

#include "server/log.h"

namespace nmstore::server {
namespace {

constexpr std::size_t kMaxAtOnce = 1'000;

std::string row_at(std::int64_t time_ms) {
    DayRow row;
    row.kind = RowKind::alerts;
    row.day = day_of(time_ms);
    return format_day_row(row);
}

// The cells that follow each other, millisecond by millisecond, from one on.
struct Run {
    std::unordered_set<std::string> ids;  // of the alerts in them
    std::int64_t end_ms = 0;              // where there is none
    std::int64_t next_ms = 0;             // where the next alert may stand
};

Result<Run> read_run(const Store& store, std::int64_t time_ms) {
    Run run;
    run.end_ms = time_ms;
    for (;;) {
        SliceRange range;
        range.from = std::to_string(run.end_ms);
        NM_ASSIGN(const Slice slice, store.slice(kTimeFamily, row_at(run.end_ms), range));
        const std::int64_t day = day_of(run.end_ms);
        for (const Cell& cell : slice.cells) {
            if (cell.column != std::to_string(run.end_ms)) return run;
            run.ids.insert(alert_id_of(cell.value));
            ++run.end_ms;
        }
        if (!slice.more && day_of(run.end_ms) == day) return run;
    }
}

}  // namespace

void AlertJournal::add(Alert alert) {
    if (waiting_.size() < kMaxAlertsWaiting) {
        waiting_.push_back(std::move(alert));
        return;
    }
    if (metrics_.alerts_lost++ == 0)
        log_event(LogLevel::error, "alerts are lost", {{"why", "too many wait for the store"}});
}

Result<void> AlertJournal::write() {
    while (!waiting_.empty()) NM_TRY(write_some());
    return {};
}

Result<void> AlertJournal::write_some() {
    NM_ASSIGN(const auto batch, store_.begin_cells(kTimeFamily));
    batch->tell_values(true);
    std::map<std::int64_t, Run> runs;
    std::set<std::int64_t> taken;
    std::vector<WebhookRequest> requests;
    const std::size_t size = std::min(waiting_.size(), kMaxAtOnce);
    for (std::size_t i = 0; i < size; ++i) {
        const Alert& alert = waiting_[i];
        auto run = runs.find(alert.time_ms);
        if (run == runs.end()) {
            NM_ASSIGN(Run read, read_run(store_, alert.time_ms));
            read.next_ms = read.end_ms;
            run = runs.emplace(alert.time_ms, std::move(read)).first;
        }
        if (!run->second.ids.insert(alert.id).second) continue;
        Run& cells = run->second;
        for (;; ++cells.next_ms) {
            if (taken.contains(cells.next_ms)) continue;
            if (cells.next_ms == cells.end_ms) break;
            NM_ASSIGN(const auto there,
                      store_.get(kTimeFamily, row_at(cells.next_ms), std::to_string(cells.next_ms)));
            if (!there) break;
        }
        const std::int64_t free_ms = cells.next_ms++;
        taken.insert(free_ms);
        const std::string value = alert_value(alert);
        NM_TRY(batch->put(row_at(free_ms), std::to_string(free_ms), value));
        if (!alert.rule->url.empty())
            requests.push_back({alert.rule->url, alert.rule->secret, value, alert.id});
    }
    // First what is to be sent: after a crash in between, the alert is made again, and its request is known
    // by its id.
    NM_TRY(webhooks_.add(std::move(requests)));
    if (!taken.empty()) {
        NM_ASSIGN(const CommitResult committed, batch->commit());
        metrics_.alerts_written += static_cast<std::int64_t>(committed.entries);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
    return {};
}

}  // namespace nmstore::server
