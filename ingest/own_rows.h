// Rows that are each hub's own, for JournalOptions: who is connected there, and how many have been.
#pragma once

#include <string>
#include <vector>

#include "nmstore/column_family.h"

namespace nmstore::ingest {

inline std::vector<std::string> own_rows() {
    return {std::string(kIndexFamily) + "/users", "counters/connections"};
}

}  // namespace nmstore::ingest
