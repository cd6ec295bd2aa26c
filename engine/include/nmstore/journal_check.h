// What of a journal's record is looked at only where nobody answers for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore {

// Whether all lines of the record can be read, also those in blocks, and what is derived from these is true of them, as
// Store::apply_journal() does not find out: it looks whether what came is whole. A block that was made so on purpose would
// end, or mislead, every search that comes to it, here and at all hubs that it is passed on to. `are_fields` says whether
// what a line has beside its text may be given out as its fields; it is not asked for lines without. Costs about as much as
// making the blocks anew. What it reads goes off `text_left`; of one block it reads 32 MiB at most. invalid_argument;
// too_large: more text than that.
Result<void> check_journal_lines(std::string_view record, const std::function<bool(std::string_view fields)>& are_fields,
                                 std::uint64_t& text_left);

}  // namespace nmstore
