#include "engine/partition_walk.h"

#include <optional>
#include <unordered_set>

namespace nmstore {
namespace {

// From behind `after` (empty: from the beginning) to the end of the partition.
Result<void> walk_one(const kv::Database& database, kv::Space space, const SnapshotPtr& snapshot,
                      const PartitionWalk& walk, const std::string& partition,
                      const std::optional<std::string>& after) {
    const auto cursor = database.cursor(space, partition, snapshot, true);
    if (after) {
        cursor->seek(*after);
        if (cursor->valid() && cursor->key() == *after) cursor->next();
    } else {
        cursor->seek_first();
    }
    for (; cursor->valid(); cursor->next()) NM_TRY(walk.each(partition, cursor->key(), cursor->value()));
    const Result<void> read = cursor->status();
    if (read.ok()) return {};
    if (read.error().code != Code::corruption) return read;
    walk.unreadable(partition, read.error());
    return {};
}

}  // namespace

Result<bool> walk_partitions(const kv::Database& database, kv::Space space, const SnapshotPtr& snapshot,
                             const PartitionWalk& walk) {
    std::unordered_set<std::string> begun;
    std::string partition;
    std::string last_key;
    bool any = false;
    Result<void> stopped;
    const Result<void> scanned = database.scan_space(space, snapshot, [&](auto at, auto key, auto value) {
        if (!any || at != partition) {
            partition = at;
            begun.insert(partition);
            any = true;
        }
        last_key = key;
        stopped = walk.each(at, key, value);
        return stopped.ok();
    });
    NM_TRY(stopped);
    if (scanned.ok()) return true;
    if (scanned.error().code != Code::corruption) return scanned.error();

    if (any) NM_TRY(walk_one(database, space, snapshot, walk, partition, last_key));
    for (const std::string& other : walk.known()) {
        if (begun.insert(other).second)
            NM_TRY(walk_one(database, space, snapshot, walk, other, std::nullopt));
    }
    return false;
}

}  // namespace nmstore
