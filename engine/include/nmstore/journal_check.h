// What of a journal's record is looked at only where nobody answers for it.
#pragma once

#include <string_view>

#include "nmstore/result.h"

namespace nmstore {

// Whether all lines of the record's blocks can be read, as Store::apply_journal() does not find out: it looks whether
// what came is whole. One that was made so on purpose would end every search that comes to it, here and at all hubs
// that it is passed on to. Costs about as much as a query that reads all of the lines. invalid_argument.
Result<void> check_journal_blocks(std::string_view record);

}  // namespace nmstore
