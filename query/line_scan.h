// The matching lines of a scope in order: what every search and every count walks through.
#pragma once

#include <memory>
#include <optional>

#include "query/matcher.h"
#include "query/row_merge.h"
#include "query/search.h"

namespace nmstore::query {

class LineScan {
  public:
    // Reads everything as of one snapshot, taken here. Where there are more rows than there is memory for, it
    // stops for want of memory behind those that come first. Errors: of the filter, of the store, or
    // stop_error() if time is over before all rows have been looked at. The store, the filter and the
    // execution must outlive the scan. taker: see RowMerge.
    static Result<std::unique_ptr<LineScan>> open(const Store& store, const Scope& scope, Order order,
                                                  std::optional<LineId> after, Execution& execution,
                                                  BlockTaker* taker = nullptr);

    // Moves to the first or next line that matches. false at the end or when the execution must stop
    // (stopped()); cancelled is an error.
    Result<bool> next();
    const Line& line() const { return merge_->line(); }
    // Whether there is a line behind the present one, matching or not; the present one is gone by asking.
    Result<bool> more() { return merge_->more(); }

    bool stopped() const { return merge_->stopped(); }
    const std::optional<LineId>& place() const { return merge_->place(); }
    const std::optional<LineId>& first_place() const { return merge_->first_place(); }

  private:
    explicit LineScan(Execution& execution) : execution_(execution) {}

    std::unique_ptr<Matcher> matcher_;  // null: everything matches
    std::unique_ptr<BlockPlan> plan_;   // of the same filter
    std::unique_ptr<RowMerge> merge_;
    Execution& execution_;
};

// Rows of time families that a scope and a matcher (null: all) leave over, in order of id; counted against
// the memory limit.
Result<std::vector<LogRow>> candidate_rows(const Store& store, RowSelection selection, const Matcher* matcher,
                                           const SnapshotPtr& snapshot, Execution& execution);

}  // namespace nmstore::query
