#include "server/page_users.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <vector>

#include "query/index_row.h"
#include "server/log.h"

namespace nmstore::server {

namespace {

constexpr std::string_view kRow = "users";
constexpr std::chrono::milliseconds kRetryPause{1000};

}  // namespace

PageUsers::PageUsers(Store& store, const Clock& clock)
    : store_(store),
      clock_(clock),
      run_id_(fmt::format("{}{:x}", kPrefix, clock.now_ms())),
      thread_([this] { run(); }) {}

PageUsers::~PageUsers() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void PageUsers::reset_at_start() {
    std::vector<std::string> left;
    const auto read = query::each_index_cell(store_, kRow, [&left](const Cell& cell) {
        if (cell.column.starts_with(kPrefix)) left.push_back(cell.column);
    });
    if (!read.ok()) log_event(LogLevel::error, "users not reset", {{"why", read.error().message}});
    const std::lock_guard lock(mutex_);
    for (std::string& id : left) steps_.try_emplace(std::move(id));
    wake_.notify_all();
}

std::string PageUsers::opened(std::function<void()> written) {
    const std::lock_guard lock(mutex_);
    std::string id = fmt::format("{}-{}", run_id_, ++last_);
    steps_[id] = {clock_.now_ms(), std::move(written)};
    wake_.notify_all();
    return id;
}

void PageUsers::closed(const std::string& id) {
    const std::lock_guard lock(mutex_);
    steps_[id] = {};
    wake_.notify_all();
}

void PageUsers::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !steps_.empty(); });
        if (steps_.empty()) return;
        Steps steps = std::exchange(steps_, {});
        const bool last = stopping_;
        lock.unlock();
        const bool written = write(steps);
        for (auto& [id, step] : steps) {
            if (step.written) std::exchange(step.written, nullptr)();
        }
        lock.lock();
        if (written) continue;
        steps_.merge(steps);  // what has come since about the same id stays
        if (last) return;
        wake_.wait_for(lock, kRetryPause, [this] { return stopping_; });
    }
}

// What is written twice does no harm.
bool PageUsers::write(const Steps& steps) {
    const auto commit = [&]() -> Result<void> {
        // First, as it goes on while the disk is full.
        for (const auto& [id, step] : steps) {
            if (step.time_ms == 0) NM_TRY(store_.remove_cell(kIndexFamily, kRow, id));
        }
        NM_ASSIGN(const std::unique_ptr<CellBatch> batch, store_.begin_cells(kIndexFamily));
        bool any = false;
        for (const auto& [id, step] : steps) {
            if (step.time_ms == 0) continue;
            NM_TRY(batch->put(kRow, id, std::to_string(step.time_ms)));
            any = true;
        }
        if (any) NM_TRY(batch->commit());
        return {};
    };
    const auto done = commit();
    if (!done.ok() && !told_) log_event(LogLevel::error, "users not noted", {{"why", done.error().message}});
    told_ = !done.ok();
    return done.ok();
}

}  // namespace nmstore::server
