// All that a store holds at one moment, as records of a journal (Store::copy_for_journal).
#pragma once

#include <memory>

#include "engine/core.h"
#include "nmstore/journal.h"

namespace nmstore {

Result<std::unique_ptr<JournalCopy>> new_journal_copy(Core& core, const JournalFilter& wanted);

}  // namespace nmstore
