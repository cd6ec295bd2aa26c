#include "engine/block_parts.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/bytes.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

// How many sections a value of all of them has: its sizes and their sections must fill it. 0: none do.
std::uint32_t sections_of_whole(std::string_view whole) {
    std::uint64_t end = 0;
    std::uint32_t sections = 0;
    while (end < whole.size() && std::size_t{kSizeBytes} * (sections + 1) <= whole.size()) {
        end +=
            kSizeBytes + bytes::read_little<std::uint32_t>(whole.substr(std::size_t{kSizeBytes} * sections));
        ++sections;
    }
    return end == whole.size() ? sections : 0;
}

Result<void> read_parts(kv::Cursor& cursor, RowId row, std::optional<std::uint64_t> number,
                        BlockPartsByNumber& out) {
    for (; cursor.valid(); cursor.next()) {
        const auto part = key::parse_block_part(cursor.key());
        if (number && (!part.ok() || part->number != *number)) break;
        const Result<void> added = add_block_part(out, row, cursor.key(), cursor.value());
        // A head that cannot be read is as good as none.
        if (!added.ok() && added.error().code != Code::corruption) return added;
    }
    return cursor.status();
}

}  // namespace

BlockInfo BlockParts::as_stored() const {
    BlockInfo out = info;
    out.sections = sections;
    out.stored_bytes = stored_bytes;
    return out;
}

Result<void> add_block_part(BlockPartsByNumber& blocks, RowId row, std::string_view key,
                            std::string_view value) {
    NM_ASSIGN(const key::BlockPart part, key::parse_block_part(key));
    BlockParts& parts = blocks[part.number];
    parts.info.number = part.number;
    parts.info.first.row = row;
    if (!part.section) {
        NM_ASSIGN(parts.info, record::parse_block_head(row, part.number, value));
        parts.has_head = true;
    } else if (*part.section == key::kWholeBlock) {
        parts.has_whole = true;
        parts.sections = sections_of_whole(value);
        parts.stored_bytes += value.size() - std::min(value.size(), std::size_t{kSizeBytes} * parts.sections);
    } else {
        parts.stored_bytes += value.size();
        if (!parts.has_whole)
            parts.sections =
                std::max({parts.sections, *part.section + 1, static_cast<std::uint32_t>(block::kFirstGroup)});
    }
    return {};
}

Result<BlockPartsByNumber> find_block_parts(const Core& core, RowId row, const SnapshotPtr& snapshot) {
    BlockPartsByNumber out;
    const auto cursor = core.database->cursor(kv::Space::blocks, key::row(row), snapshot, true);
    cursor->seek_first();
    NM_TRY(read_parts(*cursor, row, std::nullopt, out));
    return out;
}

Result<std::optional<BlockParts>> find_block_parts(const Core& core, RowId row, std::uint64_t number,
                                                   const SnapshotPtr& snapshot) {
    BlockPartsByNumber out;
    const auto cursor = core.database->cursor(kv::Space::blocks, key::row(row), snapshot);
    for (const std::string& begin : {key::block_head(number), key::block_section(number, 0)}) {
        cursor->seek(begin);
        NM_TRY(read_parts(*cursor, row, number, out));
    }
    if (out.empty()) return std::optional<BlockParts>();
    return std::optional<BlockParts>(std::move(out.begin()->second));
}

std::unique_ptr<block::BlockReader> open_block_parts(const Core& core, const BlockParts& parts,
                                                     const SnapshotPtr& snapshot) {
    return open_stored_block_as(core, parts.as_stored(), parts.has_whole, snapshot);
}

void erase_block_parts(kv::Batch& batch, const BlockParts& parts) {
    const std::string partition = key::row(parts.info.first.row);
    const std::uint64_t number = parts.info.number;
    if (parts.has_head) {
        batch.remove(kv::Space::blocks, partition, key::block_head(number));
        discount_blocks(batch, {parts.info});
    }
    if (parts.has_whole) {
        batch.remove(kv::Space::blocks, partition, key::block_section(number, key::kWholeBlock));
        return;
    }
    for (std::size_t i = 0; i < parts.sections; ++i)
        batch.remove(kv::Space::blocks, partition, key::block_section(number, i));
}

}  // namespace nmstore
