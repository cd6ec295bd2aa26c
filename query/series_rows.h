// Reads the rows of a series query: some at a time, helped by the threads of the pool once it has taken a
// while, and puts together what they give in the order of the rows, so that an answer does not depend on who
// was faster.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nmstore/store.h"
#include "query/block_pool.h"
#include "query/execution.h"
#include "query/series_block.h"
#include "query/series_totals.h"

namespace nmstore::query {

// A client's plugin.
using SeriesKey = std::pair<std::string, std::string>;
using SeriesByKey = std::map<SeriesKey, SeriesTotals>;

class SeriesRows {
  public:
    // All must outlive it; `rows` are day rows of plugins.
    SeriesRows(const Store& store, SnapshotPtr snapshot, std::vector<LogRow> rows, SeriesWork& work,
               BlockPool& pool = BlockPool::shared());
    ~SeriesRows();  // waits for what helpers are reading
    SeriesRows(const SeriesRows&) = delete;
    SeriesRows& operator=(const SeriesRows&) = delete;

    // Called once, by the query's thread, which works too. An Error of the store, of a limit, or of the
    // execution.
    Result<SeriesByKey> read(Execution& execution);

  private:
    // Rows of one client's plugin, side by side.
    struct Task {
        std::size_t begin, end;
        std::unique_ptr<SeriesTotals> totals;  // once it is done, until they are put together
        bool done = false;
    };

    // Outlives this while the pool holds jobs of it.
    struct Helpers {
        std::mutex mutex;
        std::condition_variable changed;
        SeriesRows* rows = nullptr;  // null: it is gone
        std::size_t working = 0;
    };

    void make_tasks();
    void call_helpers(Execution& execution);
    static void help(const std::shared_ptr<Helpers>& helpers, BlockPool& pool);
    SeriesKey key_of(const LogRow& row) const { return {row.client, row.log}; }
    // Does the next task; false: there is none.
    bool do_next(SeriesBlock& block);
    Result<void> read_task(const Task& task, SeriesBlock& block, SeriesTotals& totals);
    Result<void> read_row(const LogRow& row, SeriesBlock& block, SeriesTotals& totals);
    Result<void> read_lines(LineCursor& cursor, SeriesTotals& totals);
    Result<void> check(const SeriesTotals& totals) const;
    void fail(Error error);
    Result<void> put_together();
    Result<void> watch(Execution& execution);

    const Store& store_;
    const SnapshotPtr snapshot_;
    std::vector<LogRow> rows_;
    SeriesWork& work_;
    std::vector<Task> tasks_;
    std::atomic<std::size_t> rows_opened_{0};
    BlockPool& pool_;
    const std::shared_ptr<Helpers> helpers_ = std::make_shared<Helpers>();
    bool called_ = false;          // the helpers; the query's thread's own, as the next
    std::size_t held_points_ = 0;  // that count as memory

    std::mutex mutex_;         // of what follows, and of the tasks' totals
    std::size_t next_ = 0;     // task to be done
    std::size_t waiting_ = 0;  // the first task whose totals are still to be put together
    std::optional<Error> error_;
    SeriesByKey totals_;
    std::size_t points_ = 0;  // in totals_
};

}  // namespace nmstore::query
