// The last reading of each series: what a step, which adds up its readings, does not tell any more.
#pragma once

#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"
#include "query/series.h"

namespace nmstore::query {

// Sets `last` of each series that has a reading among the newest kFieldReadings values of its client's plugin
// in [from, to) of the request; `rows` are those that the series were made of, and `snapshot` theirs. Errors:
// of the store or of the execution.
Result<void> find_last_readings(const Store& store, const std::vector<LogRow>& rows,
                                const SeriesRequest& request, const SnapshotPtr& snapshot,
                                std::vector<Series>& series, Execution& execution);

}  // namespace nmstore::query
