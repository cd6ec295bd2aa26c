// Checks of a whole store: that every byte is what was written, and that catalogue, cells, entries, indexes
// and counters agree with each other. And the sweep of rows that have nothing left in them.
#pragma once

#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

// See Store::verify. Looks at one moment; writers need not stop.
Result<VerifyReport> verify_store(const Core& core, const Progress& progress);

// Rows all of whose cells have expired leave the catalogue. A row written meanwhile stays.
Result<void> remove_empty_rows(Core& core, const Progress& progress);

}  // namespace nmstore
