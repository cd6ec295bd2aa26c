// Which rows a series query reads: day rows of plugins whose client and plugin are asked for.
#pragma once

#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"
#include "query/series.h"

namespace nmstore::query {

// invalid_argument: too many patterns, a negative step, `from` behind `to`.
Result<void> check_series_request(const SeriesRequest& request);

// Each once. Looks at no more of the catalogue than it must where clients are named. Errors: of the store or
// of the execution.
Result<std::vector<LogRow>> series_rows(const Store& store, const SeriesRequest& request,
                                        const SnapshotPtr& snapshot, Execution& execution);

}  // namespace nmstore::query
