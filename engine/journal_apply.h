// Writes what another hub's journal tells (Store::apply_journal), and reads this one's.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

// See Store.
Result<std::vector<JournalRecord>> read_journal(const Core& core, ChangeNumber from, std::size_t max_bytes);
Result<AppliedJournal> apply_journal(Core& core, const JournalLink& link,
                                     const std::vector<JournalRecordView>& records, ChangeNumber end,
                                     std::string_view area, const Store::RefusedNotes& notes,
                                     const JournalRights& rights);

// See Store::set_journal_position.
Result<void> set_journal_link(Core& core, const JournalLink& link, std::optional<ChangeNumber> position);

}  // namespace nmstore
