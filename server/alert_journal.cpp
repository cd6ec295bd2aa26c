#include "server/alert_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unordered_set>

#include "nmstore/free_places.h"
#include "server/log.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxAtOnce = 1'000;
constexpr int kMostTries = 100;                // at finding places that stay free until they are written
constexpr std::string_view kNote = "#alert ";  // before its number; no rule can be called so

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

void AlertJournal::add(const Alert& alert) {
    if (waiting_.size() >= kMaxAlertsHeld) {
        if (metrics_.alerts_lost++ == 0)
            log_event(LogLevel::error, "alerts are lost", {{"why", "too many wait for the store"}});
        return;
    }
    // By their names notes are given back in the order of the alerts.
    waiting_.push_back({fmt::format("{}{:020}", kNote, ++last_number_), alert.id, alert.rule->id,
                        alert_value(alert), alert.rule->url, alert.rule->secret, alert.time_ms});
}

std::string AlertJournal::text_of(const Waiting& waiting) {
    Json object{
        {"id", waiting.id}, {"rule", waiting.rule}, {"time", waiting.time_ms}, {"value", waiting.value}};
    if (!waiting.url.empty()) object["url"] = waiting.url;
    if (!waiting.secret.empty()) object["secret"] = waiting.secret;
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Store::Note> AlertJournal::notes() const {
    std::vector<Store::Note> notes;
    for (const std::string& name : done_) notes.push_back({name, std::nullopt});
    for (std::size_t i = kept_; i < waiting_.size(); ++i)
        notes.push_back({waiting_[i].note, text_of(waiting_[i])});
    return notes;
}

void AlertJournal::kept() {
    done_.clear();
    kept_ = waiting_.size();
}

Result<bool> AlertJournal::take_up(const Store::Note& note) {
    if (!note.name.starts_with(kNote)) return false;
    const auto last = std::strtoull(note.name.c_str() + kNote.size(), nullptr, 10);
    last_number_ = std::max<std::uint64_t>(last_number_, last);
    try {
        const Json object = Json::parse(note.text.value_or(""));
        Waiting waiting{note.name,
                        object.at("id").get<std::string>(),
                        object.value("rule", ""),
                        object.at("value").get<std::string>(),
                        object.value("url", ""),
                        object.value("secret", ""),
                        object.at("time").get<std::int64_t>()};
        waiting_.push_back(std::move(waiting));
        kept_ = waiting_.size();
        return true;
    } catch (const Json::exception&) {
        done_.push_back(note.name);
        return Error{Code::corruption, "an alert that was kept to be written cannot be read"};
    }
}

Result<void> AlertJournal::write() {
    while (kept_ > 0) NM_TRY(write_some());
    if (done_.empty()) return {};
    std::vector<Store::Note> gone;
    for (const std::string& name : done_) gone.push_back({name, std::nullopt});
    NM_TRY(store_.put_notes(area_, gone));
    done_.clear();
    return {};
}

// Each of the first `size` alerts with its place, but for those that are there already.
Result<std::vector<AlertJournal::Placed>> AlertJournal::find_places(std::size_t size) const {
    std::map<std::int64_t, Run> runs;
    std::set<std::int64_t> taken;
    std::vector<Placed> placed;
    for (std::size_t i = 0; i < size; ++i) {
        const Waiting& alert = waiting_[i];
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
        placed.push_back({&alert, free_ms});
    }
    return placed;
}

std::vector<WebhookRequest> AlertJournal::requests_of(const std::vector<Placed>& placed) {
    std::vector<WebhookRequest> requests;
    for (const auto& [alert, free_ms] : placed) {
        if (!alert->url.empty())
            requests.push_back({alert->url, alert->secret, alert->value, alert->id, alert->rule});
    }
    return requests;
}

// conflict: one of the places is not free any more; nothing was written.
Result<void> AlertJournal::put(const std::vector<Placed>& placed) {
    if (placed.empty()) return {};
    NM_ASSIGN(const auto batch, store_.begin_cells(kTimeFamily));
    batch->tell_values(true);
    for (const auto& [alert, free_ms] : placed)
        NM_TRY(batch->put(row_at(free_ms), std::to_string(free_ms), alert->value));
    NM_ASSIGN(const CommitResult committed, commit_where_free(*batch));
    metrics_.alerts_written += static_cast<std::int64_t>(committed.entries);
    return {};
}

Result<void> AlertJournal::write_some() {
    const std::size_t size = std::min(kept_, kMaxAtOnce);
    Result<void> done = Error{Code::conflict, ""};
    // Agents post alerts into the same rows: what was free may not be so any more.
    for (int tries = 0; tries < kMostTries && !done.ok() && done.error().code == Code::conflict; ++tries) {
        NM_ASSIGN(const std::vector<Placed> placed, find_places(size));
        // First what is to be sent: after a crash in between, the alert is taken up again, and its request is
        // known by its id.
        if (tries == 0) NM_TRY(webhooks_.add(requests_of(placed)));
        done = put(placed);
    }
    NM_TRY(done);
    for (std::size_t i = 0; i < size; ++i) done_.push_back(std::move(waiting_[i].note));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
    kept_ -= size;
    return {};
}

}  // namespace nmstore::server
