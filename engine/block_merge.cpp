#include "engine/block_merge.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/block_builder.h"
#include "engine/block_lines.h"
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

// Compaction leaves it as it is, unless it can go into a greater one.
bool is_done(const BlockInfo& block, std::size_t block_bytes) {
    return block.tight && !is_small(block, block_bytes);
}

MergeChoice choose_to_compact(const std::vector<BlockInfo>& blocks, std::size_t block_bytes) {
    for (std::size_t begin = 0; begin < blocks.size(); ++begin) {
        std::uint64_t text_bytes = 0;
        std::uint64_t lines = 0;
        std::size_t end = begin;
        for (; end < blocks.size() && !is_done(blocks[end], block_bytes); ++end) {
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

}  // namespace

bool is_small(const BlockInfo& block, std::size_t block_bytes) {
    return block.text_bytes < block_bytes / 2 && block.lines < BlockBuilder::kMaxLines / 2;
}

MergeChoice choose_blocks(const std::vector<BlockInfo>& blocks, std::size_t block_bytes, MergeWhen when) {
    if (when == MergeWhen::compact) return choose_to_compact(blocks, kCompactFactor * block_bytes);
    for (std::size_t begin = 0; begin < blocks.size(); ++begin) {
        std::uint64_t text_bytes = 0;
        std::uint64_t lines = 0;
        std::uint64_t greatest = 0;
        std::size_t end = begin;
        for (; end < blocks.size() && is_small(blocks[end], block_bytes); ++end) {
            if (!fits(text_bytes + blocks[end].text_bytes, lines + blocks[end].lines, block_bytes)) break;
            text_bytes += blocks[end].text_bytes;
            lines += blocks[end].lines;
            greatest = std::max(greatest, blocks[end].text_bytes);
        }
        if (is_worth_it(end - begin, text_bytes, greatest, block_bytes, when)) return {begin, end};
    }
    return {};
}

Result<Merged> merge_blocks(Core& core, RowId row, MergeWhen when, const std::function<bool()>& go_on) {
    Merged out;
    const std::size_t block_bytes = core.sealing.block_bytes;
    for (;;) {
        NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row));
        if (work == nullptr) return out;
        NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core, row, work->snapshot()));
        const MergeChoice choice = choose_blocks(blocks, block_bytes, when);
        if (choice.begin == choice.end) {
            const MergeChoice left = choose_blocks(blocks, block_bytes, MergeWhen::for_good);
            out.could_go_on = left.begin != left.end;
            return out;
        }
        out.stopped = !go_on();
        if (out.stopped) return out;
        const auto at = [&](std::size_t i) { return blocks.begin() + static_cast<std::ptrdiff_t>(i); };
        NM_ASSIGN(const bool merged,
                  merge(core, *work, std::vector<BlockInfo>(at(choice.begin), at(choice.end)),
                        when == MergeWhen::compact ? block::kTightLevel : block::kFastLevel));
        out.disturbed = !merged;
        if (out.disturbed) return out;
        out.before += choice.end - choice.begin;
        ++out.after;
    }
}

}  // namespace nmstore
