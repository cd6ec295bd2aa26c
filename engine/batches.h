// The batches that a Store hands out. The core must outlive them.
#pragma once

#include <memory>
#include <optional>

#include "engine/core.h"
#include "engine/journal_draft.h"
#include "nmstore/store.h"

namespace nmstore {

std::unique_ptr<CellBatch> new_cell_batch(Core& core, FamilyPtr family, bool count_entries);
std::unique_ptr<LineBatch> new_line_batch(Core& core);
std::unique_ptr<CounterBatch> new_counter_batch(Core& core);

Result<void> check_counter_name(std::string_view row, std::string_view column);  // invalid_argument
// See Store::remove_counters.
Result<void> remove_counters(Core& core, std::string_view row, std::optional<std::string_view> column);
// For a record from elsewhere, between all other commits of the journal.
void remove_counters(const Core& core, kv::Batch& batch, JournalDraft& draft, std::string_view row,
                     std::optional<std::string_view> column);

}  // namespace nmstore
