#include "engine/file_mending.h"

#include <algorithm>

#include "engine/key.h"
#include "engine/record.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

using Partitions = std::optional<std::vector<kv::LivePartition>>;

Result<std::vector<std::string>> block_keys(const Core& core, std::string_view partition) {
    std::vector<std::string> keys;
    NM_ASSIGN(const RowId row, key::parse_row(partition));
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core, row));
    for (const BlockInfo& block : blocks) {
        keys.push_back(key::block_head(block.number));
        if (is_whole(block)) keys.push_back(key::block_section(block.number, key::kWholeBlock));
        for (std::size_t i = 0; i < block.sections && !is_whole(block); ++i)
            keys.push_back(key::block_section(block.number, i));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

// To look for what a row cannot have in a space may run into the damage that stands in its place.
Result<bool> may_have_some(const Core& core, std::string_view row_name, kv::Space space) {
    NM_ASSIGN(const record::RowName name, record::parse_row_name(row_name));
    const FamilyPtr family = core.families.find_id(name.family);
    if (family == nullptr) return true;
    return (family->schema()->space() == kv::Space::cells) == (space == kv::Space::cells);
}

Result<Partitions> rows_between(const Core& core, kv::Space space, const kv::PartitionRange& range) {
    std::vector<kv::LivePartition> rows;
    const auto cursor = core.database->cursor(kv::Space::catalogue, key::kRowsById, nullptr, true);
    for (cursor->seek(range.first); cursor->valid() && cursor->key() <= range.last; cursor->next()) {
        NM_ASSIGN(const bool has_some, may_have_some(core, cursor->value(), space));
        if (!has_some) continue;
        kv::LivePartition& row = rows.emplace_back();
        row.name = cursor->key();
        if (space != kv::Space::blocks) continue;
        NM_ASSIGN(row.keys, block_keys(core, row.name));
    }
    NM_TRY(cursor->status());
    return Partitions(std::move(rows));
}

Partitions segments_between(const Core& core, const kv::PartitionRange& range) {
    std::vector<kv::LivePartition> segments;
    for (const WordIndex::KnownPtr& known : core.word_index.segments()) {
        std::string partition = key::segment(known->number);
        if (partition >= range.first && partition <= range.last)
            segments.push_back({std::move(partition), std::nullopt});
    }
    return segments;
}

}  // namespace

Result<kv::MendedFiles> mend_damaged_files(Core& core, const Progress& progress) {
    const std::lock_guard turn(core.indexing_turn);  // nobody is about to finish a segment
    const auto live = [&core](kv::Space space, const kv::PartitionRange& range) -> Result<Partitions> {
        switch (space) {
            case kv::Space::cells:
            case kv::Space::entries:
            case kv::Space::blocks:
                return rows_between(core, space, range);
            case kv::Space::words:
                return segments_between(core, range);
            default:
                return Partitions();
        }
    };
    return core.database->mend_files(live, progress);
}

}  // namespace nmstore
