// The batches that a Store hands out. The core must outlive them.
#pragma once

#include <memory>

#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

std::unique_ptr<CellBatch> new_cell_batch(Core& core, FamilyPtr family, bool count_entries);
std::unique_ptr<LineBatch> new_line_batch(Core& core);
std::unique_ptr<CounterBatch> new_counter_batch(Core& core);

}  // namespace nmstore
