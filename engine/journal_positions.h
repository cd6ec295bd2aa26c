// How far the journals of other hubs have been written here: in the batch of what was written.
//
// In meta's `positions`: under `l`, the hub, the stream, the number that a link is to go on with; under `o`
// and a hub the number behind the last of its own records, whichever way it came; under `c` and a hub how far
// the last full copy came that it has made, likewise.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core.h"
#include "nmstore/journal.h"

namespace nmstore {

Result<void> check_link(const JournalLink& link);  // invalid_argument
void put_position(kv::Batch& batch, const JournalLink& link, ChangeNumber position);
void put_origin_position(kv::Batch& batch, std::string_view hub, ChangeNumber position);
Result<std::optional<ChangeNumber>> read_position(const Core& core, const JournalLink& link);
Result<ChangeNumber> read_origin_position(const Core& core, std::string_view hub);  // 0: none
// A place in a copy: its stamp, and the number of the record there. Behind all that was written.
struct CopyPosition {
    std::uint64_t stamp = 0;
    ChangeNumber number = 0;
    auto operator<=>(const CopyPosition&) const = default;
};
void put_copy_position(kv::Batch& batch, std::string_view hub, const CopyPosition& position);
Result<CopyPosition> read_copy_position(const Core& core, std::string_view hub);
// Of all hubs, by id.
Result<std::map<std::string, ChangeNumber>> read_origin_positions(const Core& core,
                                                                  const SnapshotPtr& snapshot);
// See Store::set_journal_position.
Result<void> set_position(Core& core, const JournalLink& link, std::optional<ChangeNumber> position);

}  // namespace nmstore
