// A block that stands in a record of a journal, for a row of this store.
#pragma once

#include "engine/core.h"
#include "engine/sequence_ranges.h"
#include "engine/stored_block.h"
#include "nmstore/journal.h"

namespace nmstore {

// The block that the reader stands at, with the row's id, a number and sequences of this store. Its
// sections are whole; whether all of its lines can be read is for check_journal_lines(). corruption: is
// none.
Result<BuiltBlock> take_journal_block(Core& core, const JournalReader& reader, RowId row,
                                      SequenceRanges& sequences);

}  // namespace nmstore
