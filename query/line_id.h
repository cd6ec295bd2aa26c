// A line's id as text, and its neighbours in the order of all lines.
#pragma once

#include "nmstore/line.h"
#include "query/opaque_text.h"

namespace nmstore::query {

void write_line_id(OpaqueWriter& out, const LineId& id);
LineId read_line_id(OpaqueReader& in);

// The id directly behind or before `id`, whether a line has it or not; the last (first) one stays itself.
LineId next_line_id(LineId id);
LineId previous_line_id(LineId id);

// The greatest and the smallest id that a line of this time and row can have.
LineId last_line_id(std::int64_t time_ms, RowId row);
LineId first_line_id(std::int64_t time_ms, RowId row);

}  // namespace nmstore::query
