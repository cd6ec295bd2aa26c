// Gives back to the disk what has been removed, now and not when the database comes to it.
#pragma once

#include <vector>

#include "engine/core.h"

namespace nmstore {

// `removed`: rows of which something went, in order of their numbers; `among`: all rows there were, likewise, or none
// if that is not known. Files that hold nothing else go unread; what else holds something of them is compacted. While
// the disk is full it does what there is room for.
Result<void> give_back_room(Core& core, const std::vector<kv::Space>& spaces,
                            const std::vector<RowId>& removed, const std::vector<RowId>& among,
                            const Progress& progress);

}  // namespace nmstore
