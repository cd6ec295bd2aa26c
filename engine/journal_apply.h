// Writes what another hub's journal tells (Store::apply_journal), and reads this one's.
#pragma once

#include <vector>

#include "engine/core.h"
#include "nmstore/journal.h"

namespace nmstore {

// See Store.
Result<std::vector<JournalRecord>> read_journal(const Core& core, ChangeNumber from, std::size_t max_bytes);
Result<AppliedJournal> apply_journal(Core& core, const JournalLink& link,
                                     const std::vector<JournalRecordView>& records, ChangeNumber end);

}  // namespace nmstore
