#include "query/series_rows.h"

#include <algorithm>

#include "query/series.h"
#include "query/stop.h"

namespace nmstore::query {
namespace {

constexpr std::size_t kRowsPerTask = 8;
constexpr std::size_t kLinesPerCheck = 1024;
constexpr std::size_t kBytesOfPoint = 160;  // while it is added up, about
// Totals that wait to be put together may come to this many points.
constexpr std::size_t kMaxPointsAtOnce = 4 * kMaxSeriesPoints;

Error too_many_points() {
    return Error{Code::invalid_argument, "the answer would have more than " +
                                             std::to_string(kMaxSeriesPoints) +
                                             " points: choose a greater step, or fewer series"};
}

}  // namespace

SeriesRows::SeriesRows(const Store& store, SnapshotPtr snapshot, std::vector<LogRow> rows, SeriesWork& work,
                       BlockPool& pool)
    : store_(store), snapshot_(std::move(snapshot)), rows_(std::move(rows)), work_(work), pool_(pool) {
    helpers_->rows = this;
    std::sort(rows_.begin(), rows_.end(), [](const LogRow& a, const LogRow& b) {
        if (const int client = a.client.compare(b.client); client != 0) return client < 0;
        if (const int plugin = a.log.compare(b.log); plugin != 0) return plugin < 0;
        return a.min_time_ms != b.min_time_ms ? a.min_time_ms < b.min_time_ms : a.id < b.id;
    });
    make_tasks();
}

SeriesRows::~SeriesRows() {
    work_.stop.store(true, std::memory_order_relaxed);
    std::unique_lock lock(helpers_->mutex);
    helpers_->rows = nullptr;
    helpers_->changed.wait(lock, [this] { return helpers_->working == 0; });
}

void SeriesRows::make_tasks() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const bool goes_on = !tasks_.empty() && tasks_.back().end - tasks_.back().begin < kRowsPerTask &&
                             key_of(rows_[tasks_.back().begin]) == key_of(rows_[i]);
        if (!goes_on) tasks_.push_back({i, i, nullptr, false});
        tasks_.back().end = i + 1;
    }
}

Result<void> SeriesRows::check(const SeriesTotals& totals) const {
    // Steps of one task are steps of the answer.
    if (totals.points() > kMaxSeriesPoints) return too_many_points();
    if (work_.points.load(std::memory_order_relaxed) > kMaxPointsAtOnce) return too_many_points();
    if (work_.stop.load(std::memory_order_relaxed)) return Error{Code::cancelled, "the query has ended"};
    return {};
}

Result<void> SeriesRows::read_lines(LineCursor& cursor, SeriesTotals& totals) {
    std::size_t lines = 0, bytes = 0;
    while (true) {
        NM_ASSIGN(const bool found, cursor.next());
        if (found) {
            totals.add_value(cursor.line().id.time_ms, cursor.line().text);
            bytes += cursor.line().text.size();
            ++lines;
        }
        if (found && lines < kLinesPerCheck) continue;
        work_.readings.fetch_add(lines, std::memory_order_relaxed);
        work_.bytes.fetch_add(bytes, std::memory_order_relaxed);
        lines = bytes = 0;
        NM_TRY(check(totals));
        if (!found) return {};
    }
}

Result<void> SeriesRows::read_row(const LogRow& row, SeriesBlock& block, SeriesTotals& totals) {
    NM_ASSIGN(const std::vector<BlockInfo> blocks, store_.blocks(row, snapshot_));
    const LineRange range{work_.from_ms, work_.to_ms, Order::ascending, {}};
    for (const BlockInfo& info : blocks) {
        if (info.last.time_ms < work_.from_ms || info.first.time_ms >= work_.to_ms) continue;
        if (info.has_gaps) {  // something of it has expired
            NM_ASSIGN(const auto left, store_.block_lines(row, info, range, snapshot_));
            NM_TRY(read_lines(*left, totals));
            continue;
        }
        NM_ASSIGN(const auto reader, store_.open_block(row, info, snapshot_));
        NM_TRY(block.add(*reader, totals));
        work_.bytes.fetch_add(info.text_bytes, std::memory_order_relaxed);
        NM_TRY(check(totals));
    }
    NM_ASSIGN(const auto fresh, store_.fresh_lines(row, range, snapshot_));
    return read_lines(*fresh, totals);
}

Result<void> SeriesRows::read_task(const Task& task, SeriesBlock& block, SeriesTotals& totals) {
    for (std::size_t i = task.begin; i < task.end; ++i) {
        rows_opened_.fetch_add(1, std::memory_order_relaxed);
        NM_TRY(read_row(rows_[i], block, totals));
    }
    return {};
}

void SeriesRows::fail(Error error) {
    if (!error_) error_ = std::move(error);
    work_.stop.store(true, std::memory_order_relaxed);
    next_ = tasks_.size();
}

// What has been done and comes next, in order.
Result<void> SeriesRows::put_together() {
    for (; waiting_ < tasks_.size() && tasks_[waiting_].done; ++waiting_) {
        Task& task = tasks_[waiting_];
        if (task.totals->points() > 0) {
            SeriesTotals& all = totals_.try_emplace(key_of(rows_[task.begin]), work_).first->second;
            const std::size_t before = all.points();
            all.add(*task.totals);
            points_ += all.points() - before;
        }
        task.totals.reset();
        if (points_ > kMaxSeriesPoints) return too_many_points();
    }
    return {};
}

bool SeriesRows::do_next(SeriesBlock& block) {
    std::size_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (next_ >= tasks_.size()) return false;
        number = next_++;
    }
    auto totals = std::make_unique<SeriesTotals>(work_);
    Result<void> read = read_task(tasks_[number], block, *totals);
    const std::lock_guard lock(mutex_);
    tasks_[number].totals = std::move(totals);
    tasks_[number].done = true;
    if (read.ok()) read = put_together();
    if (!read.ok()) fail(read.error());
    return true;
}

// One task; then whoever else waits for the pool has his turn.
void SeriesRows::help(const std::shared_ptr<Helpers>& helpers, BlockPool& pool) {
    std::unique_lock lock(helpers->mutex);
    if (helpers->rows == nullptr) return;
    SeriesRows& rows = *helpers->rows;
    ++helpers->working;
    lock.unlock();
    SeriesBlock block;
    const bool more = rows.do_next(block);
    lock.lock();
    --helpers->working;
    helpers->changed.notify_all();
    if (more) pool.run([helpers, &pool] { help(helpers, pool); });
}

// A query that is done within a moment wakes nobody.
void SeriesRows::call_helpers(Execution& execution) {
    if (called_ || execution.elapsed() < execution.help_after) return;
    called_ = true;
    std::size_t left = 0;
    {
        const std::lock_guard lock(mutex_);
        left = tasks_.size() - next_;
    }
    for (std::size_t i = std::min(pool_.threads(), left); i > 0; --i)
        pool_.run([helpers = helpers_, &pool = pool_] { help(helpers, pool); });
}

// An error once the query must end. By the query's thread only.
Result<void> SeriesRows::watch(Execution& execution) {
    execution.stats.rows_opened = rows_opened_.load(std::memory_order_relaxed);
    execution.stats.lines_scanned = work_.readings.load(std::memory_order_relaxed);
    execution.stats.bytes_scanned = work_.bytes.load(std::memory_order_relaxed);
    if (const std::size_t points = work_.points.load(std::memory_order_relaxed); points > held_points_) {
        NM_TRY(hold_memory(execution, (points - held_points_) * kBytesOfPoint));
        held_points_ = points;
    }
    return keep_going(execution);
}

Result<SeriesByKey> SeriesRows::read(Execution& execution) {
    SeriesBlock block;
    const auto watch_or_fail = [&] {
        const Result<void> going = watch(execution);
        if (going.ok()) return;
        const std::lock_guard lock(mutex_);
        fail(going.error());
    };
    do {
        watch_or_fail();
        call_helpers(execution);
    } while (do_next(block));
    while (true) {
        {
            std::unique_lock lock(helpers_->mutex);
            if (helpers_->changed.wait_for(lock, kGonePollInterval,
                                           [this] { return helpers_->working == 0; }))
                break;
        }
        watch_or_fail();
    }
    watch_or_fail();
    if (error_) return *error_;
    return std::move(totals_);
}

}  // namespace nmstore::query
