// Blocks of posted cells that have expired: nobody sees them any more, but they take room until their block goes or
// is made anew without them. What has expired among entries goes when the database compacts.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

// Takes away those blocks of a row whose cells have all expired, which their heads tell: none is read. The row goes as
// well if nothing else is in it. The caller holds Core::sealing_turn. How many went.
Result<std::uint64_t> drop_expired_blocks(Core& core, RowId row);

// Makes a block anew without what has expired of it. The caller holds Core::sealing_turn. false: it is not there any
// more, or somebody has written among its cells meanwhile.
Result<bool> rewrite_without_expired(Core& core, const BlockInfo& block);

// When half of the block's cells will have expired; INT64_MAX: never. Reads a part of the block.
Result<std::int64_t> half_expired_ms(const Core& core, const BlockInfo& block);

}  // namespace nmstore
