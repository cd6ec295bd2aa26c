// An entry of an answer, made of a line that is about to be gone.
#pragma once

#include "nmstore/line.h"
#include "query/search.h"

namespace nmstore::query {

Entry make_entry(const Line& line);

// About what the entry holds, for the memory limit.
std::size_t memory_of(const Entry& entry);

}  // namespace nmstore::query
