// The part of a verification that is about what is told of commits: notices of changes, the journal's
// records, and the stamps of writes.
#pragma once

#include <functional>
#include <string>

#include "engine/core.h"

namespace nmstore {

// Told what is wrong, for a person. Nothing of it is data: who follows the store, or is replicated to, would
// miss something. An Error only if the database cannot be read, or cancelled.
Result<void> verify_changes(const Core& core, const SnapshotPtr& snapshot, const Progress& progress,
                            const std::function<void(std::string what)>& problem);

}  // namespace nmstore
