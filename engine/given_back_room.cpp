#include "engine/given_back_room.h"

#include <chrono>
#include <thread>

#include "engine/key.h"
#include "engine/row_sizes.h"

namespace nmstore {
namespace {

constexpr std::size_t kMaxSpans = 16;  // compacted by themselves; what lies between them is spared
// Who reads what has been removed keeps the files. After so long they are left to the compaction, which takes care of
// readers.
constexpr std::chrono::seconds kMostWait{10};
constexpr std::chrono::milliseconds kPause{50};

Result<void> drop_files(Core& core, const std::vector<kv::Space>& spaces, const Progress& progress) {
    const auto is_dead = [&core](const kv::PartitionRange& range,
                                 const SnapshotPtr& snapshot) -> Result<bool> {
        const auto cursor = core.database->cursor(kv::Space::catalogue, key::kRowsById, snapshot, true);
        cursor->seek(range.first);
        NM_TRY(cursor->status());
        return !cursor->valid() || cursor->key() > range.last;
    };
    const SnapshotPtr snapshot = core.database->snapshot();
    const auto until = std::chrono::steady_clock::now() + kMostWait;
    for (std::size_t i = 0; i < spaces.size();) {
        if (progress && !progress({"give back files", i, spaces.size(), "spaces"}))
            return Error{Code::cancelled, "cancelled"};
        NM_ASSIGN(const kv::DroppedFiles dropped, core.database->drop_files(spaces[i], snapshot, is_dead));
        if (dropped.held && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(kPause);
        } else {
            ++i;
        }
    }
    return {};
}

}  // namespace

Result<void> give_back_room(Core& core, const std::vector<kv::Space>& spaces,
                            const std::vector<RowId>& removed, const std::vector<RowId>& among,
                            const Progress& progress) {
    NM_TRY(drop_files(core, spaces, progress));
    const std::vector<kv::PartitionRange> ranges = partitions_of(row_spans(removed, among, kMaxSpans));
    for (const kv::Space space : spaces) {
        const Result<void> compacted = core.database->compact_partitions(space, ranges, progress);
        // A compaction needs room before it gives some. What it could not do it does when there is.
        if (!compacted.ok() && compacted.error().code == Code::unavailable && !core.database->writable())
            continue;
        NM_TRY(compacted);
    }
    return {};
}

}  // namespace nmstore
