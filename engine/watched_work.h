// Runs one long call that cannot report by itself, and meanwhile tells its progress from the caller's own
// thread, so that whoever asked may show it, or stop the work.
#pragma once

#include <functional>

#include "nmstore/result.h"
#include "nmstore/store.h"

namespace nmstore {

// Calls `work` on a thread of its own. Now and then, and once at the end, `report` says how far it is; if
// `progress` then answers false, `cancel` is called once (from the calling thread) and the result is
// `cancelled` unless the work ended well before it noticed. Neither function may throw.
Result<void> run_watched(const std::function<Result<void>()>& work,
                         const std::function<ProgressReport()>& report, const Progress& progress,
                         const std::function<void()>& cancel);

}  // namespace nmstore
