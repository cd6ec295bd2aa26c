// The part of FamilyWrites that keeps blocks of cells true: a write that comes into one, or that could make a
// line go on into one, turns it into entries again, in the same batch. The sealer seals them again later.
#include <algorithm>
#include <optional>

#include "engine/cell_blocks.h"
#include "engine/family_writes.h"
#include "engine/key.h"
#include "engine/opened_lines.h"
#include "engine/record.h"

namespace nmstore {
namespace {

bool any_between(const std::vector<std::int64_t>& times, std::int64_t from_ms, std::int64_t to_ms) {
    const auto first = std::lower_bound(times.begin(), times.end(), from_ms);
    return first != times.end() && *first <= to_ms;
}

Result<std::vector<BlockInfo>> cell_blocks(const Core& core, RowId row) {
    NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core, row));
    std::erase_if(blocks, [](const BlockInfo& block) { return block.cells == 0; });
    std::sort(blocks.begin(), blocks.end(),
              [](const BlockInfo& a, const BlockInfo& b) { return a.first_cell_ms < b.first_cell_ms; });
    return blocks;
}

}  // namespace

Result<void> FamilyWrites::unseal() {
    if (space_ != kv::Space::entries) return {};
    for (const auto& [index, column] : removed_cells_) {
        NM_ASSIGN(const key::Entry at, key::parse_entry(column));
        if (!uses_[index].removed) uses_[index].cells_ms.push_back(at.time_ms);
    }
    // What is put into all these rows is found in one go: a batch may have late cells for thousands of them.
    PutCellsOfRows put;
    std::vector<std::size_t> found;
    for (std::size_t index = 0; index < uses_.size(); ++index) {
        Use& use = uses_[index];
        if (use.removed) continue;
        NM_ASSIGN(const bool some, find_blocks_to_unseal(use));
        if (!some) continue;
        found.push_back(index);
        if (use.kind == RowKind::logs) put.want(use.partition);
    }
    if (!put.empty()) NM_TRY(put.find(batch_));
    for (const std::size_t index : found) {
        Use& use = uses_[index];
        NM_TRY(unseal_row(use, use.kind == RowKind::logs ? &put.of(use.partition) : nullptr));
        std::vector<BlockInfo>().swap(use.cell_blocks);
    }
    return {};
}

Result<bool> FamilyWrites::find_blocks_to_unseal(Use& use) {
    Row& row = *use.row;
    if (!row.live) row.cells_sealed_to_ms = INT64_MIN;
    std::vector<std::int64_t>& changed = use.cells_ms;
    // The usual case: everything is newer than what is sealed.
    const bool known = row.cells_sealed_to_ms != Row::kUnknown;
    if (std::all_of(changed.begin(), changed.end(),
                    [&](std::int64_t time_ms) { return known && time_ms > row.cells_sealed_to_ms; }))
        return false;
    NM_ASSIGN(use.cell_blocks, cell_blocks(core_, row.id));
    row.cells_sealed_to_ms = INT64_MIN;
    for (const BlockInfo& block : use.cell_blocks)
        row.cells_sealed_to_ms = std::max(row.cells_sealed_to_ms, block.decided_to_ms);
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    return !use.cell_blocks.empty() && changed.front() <= row.cells_sealed_to_ms;
}

// put: of a row of logs, whose lines may go on out of what is before.
Result<void> FamilyWrites::unseal_row(Use& use, const PutCells* put) {
    const std::vector<std::int64_t>& changed = use.cells_ms;
    std::optional<OpenedLines> lines;
    if (put != nullptr) lines.emplace(core_, use.partition, changed, *put);
    std::int64_t from_ms = INT64_MIN;
    for (const BlockInfo& info : use.cell_blocks) {
        if (lines && info.first_cell_ms > from_ms)
            NM_TRY(lines->follow_entries(from_ms, info.first_cell_ms - 1));
        from_ms = info.last_cell_ms == INT64_MAX ? INT64_MAX : info.last_cell_ms + 1;
        const bool open = lines && lines->open();
        if (!open && !any_between(changed, info.first_cell_ms, info.decided_to_ms)) continue;
        NM_ASSIGN(const auto block, CellBlock::open(core_, info, nullptr));
        NM_TRY(unseal_block(use, *block, changed));
        if (lines) NM_TRY(lines->follow_block(*block));
    }
    return {};
}

Result<void> FamilyWrites::unseal_block(Use& use, CellBlock& block,
                                        const std::vector<std::int64_t>& changed_ms) {
    const std::int64_t now_ms = core_.clock.now_ms();
    use.row->disturbed = true;
    erase_block(batch_, block.info());
    use.unsealed.push_back(block.info().number);
    for (std::size_t i = 0; i < block.cells().size(); ++i) {
        const SealedCell& cell = block.cells()[i];
        const bool live = !record::has_expired(cell.expires_at_ms, now_ms);
        if (any_between(changed_ms, cell.time_ms, cell.time_ms)) {
            if (live) use.replaced_ms.push_back(cell.time_ms);
            continue;
        }
        if (!live) continue;
        NM_ASSIGN(const std::string_view value, block.value(i));
        record::cell(record_, cell.expires_at_ms, value);
        batch_.put(space_, use.partition, key::entry(cell.time_ms, 0), record_);
        use.first_entry_ms = std::min(use.first_entry_ms, cell.time_ms);
        ++use.returned_cells;
        ++use.fresh_lines;
        use.fresh_bytes += value.size();
    }
    return {};
}

}  // namespace nmstore
