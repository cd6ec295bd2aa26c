// How every batch gets into the database.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/family_writes.h"

namespace nmstore {

enum class BatchKind : bool { any, removal };  // the latter is taken while the disk is full as well

// What has been applied: visible, and not yet durable. The change that tells of it can be read once this is
// gone.
struct Applied {
    std::uint64_t ticket = 0;
    ChangeFeed::Told told;
};

// Completes what the batch writes into its families and applies it, atomically, with the change that tells of
// it. No lock is held when this returns. `sequences`: of the lines in it, rising. `draft`: what the journal
// is to tell, if anything.
// `alone`: adds to batch and draft what has to stand between all other commits of the journal; called just
// before the batch is told, and nobody else's is until it is applied.
Result<Applied> apply_writes(Core& core, kv::Batch& batch, std::vector<FamilyWrites*> parts,
                             BatchKind kind = BatchKind::any, std::vector<SequenceRange> sequences = {},
                             const JournalDraft* draft = nullptr,
                             const std::function<Result<void>()>& alone = {});

// Returns when it is on disk.
Result<void> wait_for(Core& core, Applied applied);

}  // namespace nmstore
