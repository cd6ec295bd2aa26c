// The lines of many rows as one sequence in the order of their ids, oldest or newest first.
//
// A row waits as one entry of a heap, under the earliest id (in this order) that a line of it can have, and
// is opened only when the sequence gets there: the newest page of a store with years of rows opens those of
// today.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"

namespace nmstore::query {

// Owned and used by one thread; the store and the execution must outlive it.
class RowMerge {
  public:
    // `rows` are the rows to look into, `range` the part of them; all is read as of `snapshot`.
    RowMerge(const Store& store, std::vector<LogRow> rows, const LineRange& range, SnapshotPtr snapshot,
             Execution& execution);

    // Moves to the first or next line. false at the end, or when the execution must stop (see stopped()).
    Result<bool> next();
    const Line& line() const;  // after a next() that was true; valid until the next call
    // Whether there is a line behind the present one, which is gone by asking.
    Result<bool> more();

    bool stopped() const { return stopped_; }
    // Strictly behind it (in order) is everything that has not been given out. Nothing, if nothing has been
    // passed.
    const std::optional<LineId>& place() const { return place_; }

  private:
    struct Waiting {
        LineId key;  // of the line that it stands at, or the first that it can have
        std::size_t row = 0;
    };
    bool before(const LineId& a, const LineId& b) const {
        return range_.order == Order::ascending ? a < b : b < a;
    }
    void push(Waiting waiting);
    Waiting pop();
    Result<bool> settle();               // finds the next line (ready_); false at the end or when stopped
    Result<bool> open(std::size_t row);  // false: stopped
    Result<bool> read(std::size_t row);  // the row's next line; false and closed when it has none
    bool may_go_on();

    const Store& store_;
    std::vector<LogRow> rows_;
    LineRange range_;
    SnapshotPtr snapshot_;
    Execution& execution_;
    std::vector<std::unique_ptr<LineCursor>> cursors_;  // by row; null: not open (yet, or any more)
    std::vector<Waiting> heap_;
    std::optional<std::size_t> current_;  // the row whose line has been given out
    std::optional<Waiting> ready_;  // the line that comes next, taken out of the heap (or never put there)
    std::optional<LineId> place_;
    std::size_t open_ = 0, most_open_ = 0;
    std::uint64_t next_check_ = 0;
    bool stopped_ = false;
};

// What an open row is counted as, for the memory limit: its cursor and the blocks that it pins.
inline constexpr std::size_t kOpenRowBytes = std::size_t{8} << 10;
// So many lines are read before the execution is asked again.
inline constexpr std::uint64_t kLinesPerCheck = 64;

}  // namespace nmstore::query
