#include "engine/file_mending.h"

#include "engine/key.h"

namespace nmstore {
namespace {

using Partitions = std::optional<std::vector<std::string>>;

Result<Partitions> rows_between(const Core& core, const kv::PartitionRange& range) {
    std::vector<std::string> rows;
    const auto cursor = core.database->cursor(kv::Space::catalogue, key::kRowsById, nullptr, true);
    for (cursor->seek(range.first); cursor->valid() && cursor->key() <= range.last; cursor->next())
        rows.emplace_back(cursor->key());
    NM_TRY(cursor->status());
    return Partitions(std::move(rows));
}

Partitions segments_between(const Core& core, const kv::PartitionRange& range) {
    std::vector<std::string> segments;
    for (const WordIndex::KnownPtr& known : core.word_index.segments()) {
        std::string partition = key::segment(known->number);
        if (partition >= range.first && partition <= range.last) segments.push_back(std::move(partition));
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
                return rows_between(core, range);
            case kv::Space::words:
                return segments_between(core, range);
            default:
                return Partitions();
        }
    };
    return core.database->mend_files(live, progress);
}

}  // namespace nmstore
