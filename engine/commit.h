// How every batch gets into the database.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/family_writes.h"

namespace nmstore {

enum class BatchKind : bool { any, removal };  // the latter is taken while the disk is full as well

// Completes what the batch writes into its families and applies it, atomically. The ticket is for
// Core::wait(); no lock is held when this returns.
Result<std::uint64_t> apply_writes(Core& core, kv::Batch& batch, std::vector<FamilyWrites*> parts,
                                   BatchKind kind = BatchKind::any);

}  // namespace nmstore
