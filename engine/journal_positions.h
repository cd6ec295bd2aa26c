// How far the journals of other hubs have been written here: in the batch of what was written.
//
// In meta's `positions`: under `l`, the hub, the stream, the number that a link is to go on with; under `o`
// and a hub the number behind the last of its own records, whichever way it came; under `p`, a hub and a
// filter likewise of what came through one by way of others; under `c` and a hub how far the last full copy
// came that it has made, likewise; under `b` and a hub the number before which copies of others have brought
// its records, so that this hub's journal does not have them. See also engine/copy_reception.h.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "engine/journal_record.h"
#include "nmstore/journal.h"

namespace nmstore {

// Calls back for each entry whose key begins so: with the rest of the key, and the value. The first error
// ends it.
using EachPosition = std::function<Result<void>(std::string_view rest, std::string_view value)>;
Result<void> each_position(const Core& core, std::string_view begin, const SnapshotPtr& snapshot,
                           const EachPosition& each);

Result<void> check_link(const JournalLink& link);  // invalid_argument
void put_position(kv::Batch& batch, const JournalLink& link, ChangeNumber position);
void remove_position(kv::Batch& batch, const JournalLink& link);
// How far a hub's own records are known, and the stamp of the last, or of the copy that told. A hub whose
// directory was put back gives other numbers, in which this place may be far ahead: the stamp tells.
struct OriginPosition {
    ChangeNumber number = 0;
    std::uint64_t stamp = 0;
};
void put_origin_position(kv::Batch& batch, std::string_view hub,
                         const OriginPosition& position);                    // {}: none
Result<OriginPosition> read_origin(const Core& core, std::string_view hub);  // {}: none
Result<std::optional<ChangeNumber>> read_position(const Core& core, const JournalLink& link);
Result<ChangeNumber> read_origin_position(const Core& core, std::string_view hub);  // 0: none
// A place in a copy: its stamp, and the number of the record there. Behind all that was written.
struct CopyPosition {
    std::uint64_t stamp = 0;
    ChangeNumber number = 0;
    auto operator<=>(const CopyPosition&) const = default;
};
// Links on which the hub's copies come.
Result<bool> has_copy_link(const Core& core, const std::string& hub);
Result<void> forget_copy_links(const Core& core, kv::Batch& batch, const std::string& hub);
void put_copy_position(kv::Batch& batch, std::string_view hub, const CopyPosition& position);
Result<CopyPosition> read_copy_position(const Core& core, std::string_view hub);
// Of all hubs, by id.
Result<std::map<std::string, ChangeNumber>> read_origin_positions(const Core& core,
                                                                  const SnapshotPtr& snapshot);
// Of all hubs that send here, and those that did.
struct LinkPosition {
    JournalLink link;
    ChangeNumber position = 0;
};
Result<std::vector<LinkPosition>> read_links(const Core& core, const SnapshotPtr& snapshot);
void put_brought_position(kv::Batch& batch, std::string_view hub, ChangeNumber position);  // 0: none
Result<ChangeNumber> read_brought_position(const Core& core, std::string_view hub);        // 0: none
// See Store::set_journal_position. Under the core's foreign_turn.
Result<void> set_position(Core& core, const JournalLink& link, std::optional<ChangeNumber> position);
// How far records of a hub have come through a filter by way of another one: over links with that filter, or,
// where the filter was before them, over this one.
void put_passed_position(kv::Batch& batch, const JournalOrigin& origin, const JournalLink& link,
                         ChangeNumber position);
Result<ChangeNumber> read_passed_position(const Core& core, const JournalOrigin& origin,
                                          const JournalLink& link);
// Of all hubs, by id: the greatest, whichever filter it was.
Result<std::map<std::string, ChangeNumber>> read_passed_positions(const Core& core,
                                                                  const SnapshotPtr& snapshot);

}  // namespace nmstore
