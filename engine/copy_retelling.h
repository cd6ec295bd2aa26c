// What a full copy has overwritten here, and did not know of, is written again from this hub's own journal.
#pragma once

#include <string>

#include "engine/copy_reception.h"
#include "engine/journal_record.h"

namespace nmstore {

// Says which record it is that is written again, and what its lines are compared with.
struct Retold {
    JournalOrigin origin;  // where it was made first
    const CopyCut& cut;
    CopyReception reception;  // as it is once it has been written
};

struct Retelling {
    std::uint64_t records = 0;
    bool in_part = false;  // the journal does not go back to the pin any more
};

// Of copies that have ended, or of the given maker's whether it has or not: to its end. core.foreign_turn
// must be held. Goes on where it was cut off. unavailable: the store is being closed.
Result<Retelling> retell(Core& core, std::string_view maker = {});

}  // namespace nmstore
