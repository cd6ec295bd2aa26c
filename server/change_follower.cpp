#include "server/change_follower.h"

#include <algorithm>
#include <chrono>

#include "server/log.h"

namespace nmstore::server {
namespace {

constexpr std::chrono::milliseconds kRest{200};
constexpr std::chrono::milliseconds kAfterFailure{1000};

}  // namespace

ChangeFollower::ChangeFollower(const Store& store) : store_(store) {}

ChangeFollower::~ChangeFollower() {
    stop();
}

void ChangeFollower::add(ChangeListener& listener) {
    listening_.push_back({&listener, listener.wants_from().value_or(store_.changes().end)});
}

void ChangeFollower::start() {
    ChangeNumber from = store_.changes().end;
    for (const Listening& each : listening_) from = std::min(from, each.next);
    told_to_ = from;
    thread_ = std::thread([this] { run(); });
}

void ChangeFollower::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void ChangeFollower::run() {
    ChangeNumber from = told_to_;
    bool failed = false;
    while (!stopping_) {
        const ChangeNumber end = store_.changes().end;
        const auto changes = store_.read_changes(from, kStepBytes);
        if (!changes.ok()) {
            failures_.fetch_add(1, std::memory_order_relaxed);
            if (!failed)
                log_event(LogLevel::error, "cannot follow the store", {{"why", changes.error().message}});
            failed = true;
            (void)store_.wait_for_change(end, kAfterFailure);
            continue;
        }
        failed = false;
        // Asked afterwards: they are forgotten while we read. What was read may have come from before that.
        const ChangeNumber first = changes->empty()
                                       ? store_.changes().first
                                       : std::min(store_.changes().first, changes->front().number);
        for (Listening& each : listening_) {
            if (each.next >= first || from >= first) continue;
            each.listener->missed(each.next, first);
            each.next = first;
        }
        for (const Change& change : *changes) {
            if (stopping_) return;
            tell(change);
            from = change.number + 1;
            told_to_.store(from, std::memory_order_release);
        }
        if (!changes->empty()) continue;
        from = std::max(from, end);
        told_to_.store(from, std::memory_order_release);
        for (const Listening& each : listening_) each.listener->on_rest(from);
        // In short steps: a stop is not to wait for the next change.
        if (!stopping_) (void)store_.wait_for_change(from, kRest);
    }
}

void ChangeFollower::tell(const Change& change) {
    std::vector<const LogRow*> rows;
    if (rows_.size() + change.rows.size() > kMaxRows) rows_.clear();
    for (const ChangedRow& changed : change.rows) rows.push_back(row_of(changed.row));
    for (Listening& each : listening_) {
        if (change.number < each.next) continue;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] != nullptr) each.listener->on_row(change, change.rows[i], *rows[i]);
        }
        for (std::size_t i = 0; i < change.values.size(); ++i)
            each.listener->on_value(change, change.values[i], i);
        each.listener->on_end(change);
        each.next = change.number + 1;
    }
}

// What a row is called never changes; its times, which do, are not asked for. nullptr: it is gone, or cannot
// be read.
const LogRow* ChangeFollower::row_of(RowId id) {
    const auto known = rows_.find(id);
    if (known != rows_.end()) return &known->second;
    auto row = store_.log_row(id);
    if (!row.ok()) failures_.fetch_add(1, std::memory_order_relaxed);
    if (!row.ok() || !*row) return nullptr;
    return &rows_.emplace(id, std::move(**row)).first->second;
}

}  // namespace nmstore::server
