#include "engine/expired_blocks.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/block_merge.h"
#include "engine/cell_blocks.h"
#include "engine/cell_sealing.h"
#include "engine/commit.h"
#include "engine/family_writes.h"
#include "engine/row_at_work.h"
#include "engine/row_listing.h"
#include "engine/slice.h"
#include "engine/stored_block.h"
#include "nmstore/day_row.h"

namespace nmstore {
namespace {

Result<void> remove_row_if_empty(Core& core, RowId id) {
    NM_ASSIGN(const bool live, has_live_cell(core, kv::Space::entries, id, core.clock.now_ms()));
    if (live) return {};
    NM_ASSIGN(const std::optional<LogRow> row, find_log_row(core, id, nullptr));
    const FamilyPtr family = row ? core.families.find(row->family) : nullptr;
    if (family == nullptr) return {};
    const auto batch = core.database->new_batch();
    FamilyWrites writes(core, *batch, family);
    NM_TRY(writes.remove_row_if_empty(row->key));
    const Result<Applied> applied = apply_writes(core, *batch, {&writes}, BatchKind::removal);
    if (!applied.ok() && applied.error().code == Code::conflict) return {};  // the family has just been dropped
    if (!applied.ok()) return applied.error();
    return {};
}

}  // namespace

Result<std::uint64_t> drop_expired_blocks(Core& core, RowId row) {
    std::int64_t to_ms = INT64_MIN;
    NM_ASSIGN(const std::vector<BlockInfo> there, list_blocks(core, row));
    for (const BlockInfo& block : there) {
        if (block.all_expired(core.clock.now_ms())) to_ms = std::max(to_ms, block.last_cell_ms);
    }
    if (to_ms == INT64_MIN) return std::uint64_t{0};
    std::uint64_t dropped = 0;
    {
        // Who writes among cells of a block turns it into entries: then it is not ours to take away.
        NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row, to_ms));
        if (work == nullptr) return std::uint64_t{0};
        NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core, row, work->snapshot()));
        const auto batch = core.database->new_batch();
        for (const BlockInfo& block : blocks) {
            if (!block.all_expired(core.clock.now_ms()) || block.last_cell_ms > to_ms) continue;
            erase_block(*batch, block);
            ++dropped;
        }
        NM_ASSIGN(const bool applied, work->apply(*batch, [](std::int64_t) {}));
        if (!applied) return std::uint64_t{0};
    }
    core.activity.expired_blocks_dropped += dropped;
    if (dropped == there.size()) NM_TRY(remove_row_if_empty(core, row));
    return dropped;
}

Result<bool> rewrite_without_expired(Core& core, const BlockInfo& block) {
    const RowId row = block.first.row;
    NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row, block.last_cell_ms));
    if (work == nullptr) return false;
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core, row, work->snapshot()));
    const bool there = std::any_of(blocks.begin(), blocks.end(),
                                   [&](const BlockInfo& each) { return each.number == block.number; });
    if (!there) return false;
    CellSealing how;
    how.again = {block};
    how.from_ms = block.first_cell_ms;
    how.to_ms = block.last_cell_ms;
    how.block_bytes = 2 * kCompactFactor * core.sealing.block_bytes;  // it was one, and it becomes one
    how.level = block.tight ? block::kTightLevel : block::kFastLevel;
    const auto day_row = parse_day_row(work->row().key);
    NM_ASSIGN(const SealedCells sealed,
              seal_cells(core, row, day_row ? day_row->kind : RowKind::other, work->snapshot(), how));
    if (sealed.replaced.empty()) return false;
    const auto batch = core.database->new_batch();
    NM_ASSIGN(const bool applied, work->apply(*batch, [&](std::int64_t) {
        put_sealed_cells(*batch, work->locked_row(), sealed);
    }));
    if (applied) ++core.activity.expired_blocks_rewritten;
    return applied;
}

Result<std::int64_t> half_expired_ms(const Core& core, const BlockInfo& block) {
    NM_ASSIGN(const std::unique_ptr<CellBlock> open, CellBlock::open(core, block, nullptr));
    std::vector<std::int64_t> expiries;
    for (const SealedCell& cell : open->cells())
        expiries.push_back(cell.expires_at_ms == 0 ? INT64_MAX : cell.expires_at_ms);
    if (expiries.empty()) return INT64_MAX;
    const auto half = expiries.begin() + static_cast<std::ptrdiff_t>((expiries.size() - 1) / 2);
    std::nth_element(expiries.begin(), half, expiries.end());
    return *half;
}

}  // namespace nmstore
