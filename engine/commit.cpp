#include "engine/commit.h"

#include <algorithm>

namespace nmstore {

Result<std::uint64_t> apply_writes(Core& core, kv::Batch& batch, std::vector<FamilyWrites*> parts,
                                   BatchKind kind) {
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
    NM_ASSIGN(const std::uint64_t ticket,
              kind == BatchKind::removal ? core.apply_removal(batch) : core.apply(batch));
    for (FamilyWrites* part : parts) part->applied();
    return ticket;
}

}  // namespace nmstore
