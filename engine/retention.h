// Lets the day rows go that a policy does not keep, and gives back their room.
#pragma once

#include "engine/core.h"
#include "nmstore/retention.h"
#include "nmstore/store.h"

namespace nmstore {

// See Store::retain.
Result<RetentionReport> apply_retention(Core& core, const RetentionPolicy& policy, bool dry_run,
                                        const Progress& progress);

}  // namespace nmstore
