// How a query that cannot give a part of its answer fails when it must end early.
#pragma once

#include "query/execution.h"

namespace nmstore::query {

// The error for an execution whose go_on() or hold() said false: cancelled, deadline_exceeded or
// limit_exceeded.
Error stop_error(const Execution& execution);

// An error once the query must end.
Result<void> keep_going(Execution& execution);

// Counts memory; an error once it is over the limit.
Result<void> hold_memory(Execution& execution, std::size_t bytes);

}  // namespace nmstore::query
