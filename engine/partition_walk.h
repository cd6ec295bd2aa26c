// Reads all keys of a space, also where some of its files are damaged: what can be read is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv.h"

namespace nmstore {

struct PartitionWalk {
    // Gets every key that can be read, once; all of a partition come together. An Error ends the walk.
    std::function<Result<void>(std::string_view partition, std::string_view key, std::string_view value)>
        each;
    // The partitions that there may be: asked only when the space cannot be read from end to end. What stands
    // in others, behind the damage, is not found then.
    std::function<std::vector<std::string>()> known;
    // A partition of which not all could be read.
    std::function<void(const std::string& partition, const Error& error)> unreadable;
};

// Whether the space could be read from end to end; where not, each known partition has been read by a cursor
// of its own. An Error: of `each`, or one of reading that is no corruption.
Result<bool> walk_partitions(const kv::Database& database, kv::Space space, const SnapshotPtr& snapshot,
                             const PartitionWalk& walk);

}  // namespace nmstore
