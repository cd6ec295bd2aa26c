#include "engine/block_merge.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/block_builder.h"
#include "engine/block_lines.h"
#include "engine/cell_sealing.h"
#include "engine/row_at_work.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

constexpr std::size_t kLeastMerged = 8;  // blocks, while the row is being written

// Whether one block can hold both: small ones become at most half as large again as they should.
bool fits(std::uint64_t text_bytes, std::uint64_t lines, std::size_t block_bytes) {
    return text_bytes <= block_bytes + block_bytes / 2 && lines <= BlockBuilder::kMaxLines;
}

bool is_worth_it(std::size_t count, std::uint64_t text_bytes, std::uint64_t greatest, std::size_t block_bytes,
                 MergeWhen when) {
    if (count < 2) return false;
    if (when == MergeWhen::for_good || text_bytes >= block_bytes) return true;
    if (when == MergeWhen::quiet) return greatest * 4 <= text_bytes * 3;
    return count >= kLeastMerged && greatest * 2 <= text_bytes;
}

int level_of(MergeWhen when) {
    return when == MergeWhen::compact ? block::kTightLevel : block::kFastLevel;
}

// Compaction leaves it as it is, unless it can go into a greater one.
bool is_done(const BlockInfo& block, std::size_t block_bytes) {
    return block.tight && !is_small(block, block_bytes);
}

MergeChoice choose_to_compact(const std::vector<BlockInfo>& blocks, std::size_t block_bytes) {
    for (std::size_t begin = 0; begin < blocks.size(); ++begin) {
        std::uint64_t text_bytes = 0;
        std::uint64_t lines = 0;
        std::size_t end = begin;
        const std::size_t most = std::min(blocks.size(), begin + kMostMerged);
        for (; end < most && !is_done(blocks[end], block_bytes); ++end) {
            text_bytes += blocks[end].text_bytes;
            lines += blocks[end].lines;
            if (end != begin && !fits(text_bytes, lines, block_bytes)) break;
        }
        if (end > begin + 1 || (end == begin + 1 && !blocks[begin].tight)) return {begin, end};
    }
    return {};
}

Result<bool> merge(Core& core, RowAtWork& work, std::vector<BlockInfo> blocks, int level) {
    const auto batch = core.database->new_batch();
    for (const BlockInfo& block : blocks) erase_block(*batch, block);
    BlockBuilder gathered;
    BlockLines lines(core, std::move(blocks), {}, work.snapshot());
    for (;;) {
        NM_ASSIGN(const bool found, lines.next());
        if (!found) break;
        gathered.add(lines.id().time_ms, lines.id().sequence, lines.text(), lines.fields());
    }
    NM_ASSIGN(const BuiltBlock built, gathered.build(core, work.row().id, level));
    put_block(*batch, built);
    return work.apply(*batch, [](std::int64_t) {});
}

Result<Merged> merge_line_blocks(Core& core, RowId row, MergeWhen when, const std::function<bool()>& go_on) {
    Merged out;
    const std::size_t block_bytes = core.sealing.block_bytes;
    for (;;) {
        NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row));
        if (work == nullptr) return out;
        NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core, row, work->snapshot()));
        std::erase_if(blocks, [](const BlockInfo& block) { return block.cells != 0; });
        const MergeChoice choice = choose_blocks(blocks, block_bytes, when);
        if (choice.begin == choice.end) {
            const MergeChoice left = choose_blocks(blocks, block_bytes, MergeWhen::for_good);
            out.could_go_on = left.begin != left.end;
            return out;
        }
        out.stopped = !go_on();
        if (out.stopped) return out;
        const auto at = [&](std::size_t i) { return blocks.begin() + static_cast<std::ptrdiff_t>(i); };
        for (std::size_t i = choice.begin; i < choice.end; ++i) out.text_bytes += blocks[i].text_bytes;
        NM_ASSIGN(
            const bool merged,
            merge(core, *work, std::vector<BlockInfo>(at(choice.begin), at(choice.end)), level_of(when)));
        out.disturbed = !merged;
        if (out.disturbed) return out;
        out.before += choice.end - choice.begin;
        ++out.after;
    }
}

// Those behind `behind_ms`.
Result<std::vector<BlockInfo>> list_cell_blocks(const Core& core, RowId row, std::int64_t behind_ms,
                                                const SnapshotPtr& snapshot) {
    NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core, row, snapshot));
    std::erase_if(
        blocks, [&](const BlockInfo& block) { return block.cells == 0 || block.first_cell_ms <= behind_ms; });
    return blocks;
}

// Those of posted cells are merged with what entries there are between them. Each time fewer are left, or it
// goes on behind what cannot be joined.
Result<void> merge_cell_blocks(Core& core, RowId row, MergeWhen when, const std::function<bool()>& go_on,
                               Merged& out) {
    for (std::int64_t behind_ms = INT64_MIN;;) {
        NM_ASSIGN(const std::vector<BlockInfo> there, list_cell_blocks(core, row, behind_ms, nullptr));
        if (there.empty() || (there.size() < 2 && when != MergeWhen::compact)) return {};
        std::int64_t to_ms = INT64_MIN;
        for (const BlockInfo& block : there) to_ms = std::max(to_ms, block.last_cell_ms);
        NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row, to_ms));
        if (work == nullptr) return {};
        NM_ASSIGN(const std::vector<BlockInfo> blocks,
                  list_cell_blocks(core, row, behind_ms, work->snapshot()));
        const MergeChoice choice = choose_blocks(blocks, core.sealing.block_bytes, when);
        if (choice.begin == choice.end) {
            const MergeChoice left = choose_blocks(blocks, core.sealing.block_bytes, MergeWhen::for_good);
            out.could_go_on = out.could_go_on || left.begin != left.end;
            return {};
        }
        out.stopped = !go_on();
        if (out.stopped) return {};
        CellSealing how;
        how.again.assign(blocks.begin() + static_cast<std::ptrdiff_t>(choice.begin),
                         blocks.begin() + static_cast<std::ptrdiff_t>(choice.end));
        how.from_ms = how.again.front().first_cell_ms;
        how.to_ms = how.again.back().last_cell_ms;
        if (how.to_ms > to_ms) continue;  // sealed just now
        // What has been chosen fits into one.
        how.block_bytes = 2 * core.sealing.block_bytes * (when == MergeWhen::compact ? kCompactFactor : 1);
        how.level = level_of(when);
        const auto day_row = parse_day_row(work->row().key);
        NM_ASSIGN(const SealedCells sealed,
                  seal_cells(core, row, day_row ? day_row->kind : RowKind::other, work->snapshot(), how));
        // Cells between them can keep them apart; then it is worth it only for the level.
        const bool tighter =
            when == MergeWhen::compact && std::any_of(how.again.begin(), how.again.end(),
                                                      [](const BlockInfo& block) { return !block.tight; });
        if (sealed.blocks.empty() || sealed.blocks.size() >= how.again.size() + (tighter ? 1 : 0)) {
            // The last one may yet be joined with what follows.
            behind_ms = how.again[how.again.size() < 2 ? 0 : how.again.size() - 2].first_cell_ms;
            continue;
        }
        const auto batch = core.database->new_batch();
        NM_ASSIGN(const bool applied, work->apply(*batch, [&](std::int64_t) {
            put_sealed_cells(*batch, work->locked_row(), sealed);
        }));
        out.disturbed = !applied;
        if (!applied) return {};
        out.before += how.again.size();
        out.after += sealed.blocks.size();
    }
}

}  // namespace

bool is_small(const BlockInfo& block, std::size_t block_bytes) {
    return block.text_bytes < block_bytes / 2 && block.lines < BlockBuilder::kMaxLines / 2;
}

MergeChoice choose_blocks(const std::vector<BlockInfo>& blocks, std::size_t block_bytes, MergeWhen when) {
    if (when == MergeWhen::compact) return choose_to_compact(blocks, kCompactFactor * block_bytes);
    // What is half of that already can wait until nobody writes.
    const std::size_t small_bytes = when == MergeWhen::worth_it ? block_bytes / 2 : block_bytes;
    for (std::size_t begin = 0; begin < blocks.size(); ++begin) {
        std::uint64_t text_bytes = 0;
        std::uint64_t lines = 0;
        std::uint64_t greatest = 0;
        std::size_t end = begin;
        const std::size_t most = std::min(blocks.size(), begin + kMostMerged);
        for (; end < most && is_small(blocks[end], small_bytes); ++end) {
            if (!fits(text_bytes + blocks[end].text_bytes, lines + blocks[end].lines, block_bytes)) break;
            text_bytes += blocks[end].text_bytes;
            lines += blocks[end].lines;
            greatest = std::max(greatest, blocks[end].text_bytes);
        }
        if (is_worth_it(end - begin, text_bytes, greatest, block_bytes, when)) return {begin, end};
    }
    return {};
}

Result<bool> has_blocks_to_merge(const Core& core, RowId row) {
    NM_ASSIGN(std::vector<BlockInfo> lines, list_blocks(core, row));
    const auto cells = std::stable_partition(lines.begin(), lines.end(),
                                             [](const BlockInfo& block) { return block.cells == 0; });
    const std::vector<BlockInfo> of_cells(cells, lines.end());
    lines.erase(cells, lines.end());
    for (const auto& blocks : {lines, of_cells}) {
        const MergeChoice choice = choose_blocks(blocks, core.sealing.block_bytes, MergeWhen::for_good);
        if (choice.begin != choice.end) return true;
    }
    return false;
}

Result<Merged> merge_blocks(Core& core, RowId row, MergeWhen when, const std::function<bool()>& go_on) {
    NM_ASSIGN(Merged out, merge_line_blocks(core, row, when, go_on));
    if (out.disturbed || out.stopped) return out;
    NM_TRY(merge_cell_blocks(core, row, when, go_on, out));
    return out;
}

}  // namespace nmstore
