#include "engine/commit.h"

#include <algorithm>

namespace nmstore {

Result<Applied> apply_writes(Core& core, kv::Batch& batch, std::vector<FamilyWrites*> parts, BatchKind kind,
                             std::vector<SequenceRange> sequences, const JournalDraft* draft,
                             const std::function<Result<void>()>& alone) {
    std::sort(parts.begin(), parts.end(), [](const FamilyWrites* a, const FamilyWrites* b) {
        return a->family()->id() < b->family()->id();
    });
    std::vector<std::shared_lock<std::shared_mutex>> entered;
    RowLocks::Stripes stripes;
    for (const FamilyWrites* part : parts) {
        entered.push_back(part->family()->enter());
        NM_TRY(part->check());
        stripes |= part->stripes();
    }
    const auto locked = core.row_locks.lock(stripes);
    for (FamilyWrites* part : parts) NM_TRY(part->complete());
    std::shared_lock<std::shared_mutex> pass;
    std::unique_lock<std::shared_mutex> pass_alone;
    if (alone) {
        pass_alone = core.changes.pass_alone();
        NM_TRY(alone());
    } else {
        pass = core.changes.pass();
    }
    ChangeRecord change;
    change.time_ms = core.clock.now_ms();
    change.foreign = draft != nullptr && draft->origin.has_value();
    change.sequences = std::move(sequences);
    for (const FamilyWrites* part : parts) part->tell(change);
    Applied applied;
    NM_ASSIGN(applied.told, core.changes.tell(batch, change, draft));
    NM_ASSIGN(applied.ticket, kind == BatchKind::removal ? core.apply_removal(batch) : core.apply(batch));
    applied.told.set_applied();
    for (FamilyWrites* part : parts) part->applied();
    return applied;
}

Result<void> wait_for(Core& core, Applied applied) {
    const Result<void> waited = core.wait(applied.ticket);
    applied.told = {};
    core.changes.trim();
    return waited;
}

}  // namespace nmstore
