// The columns of a single post, put into their row.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/form.h"
#include "ingest/report.h"
#include "nmstore/store.h"

namespace nmstore::ingest {

// Puts every field as a column into `batch`, without committing it. Columns that are wrong (a name or value
// that does not fit, a bad ttl) are named in the report, and the others are put all the same: whoever wants
// all of them or none throws the batch away. What is no fault of a column (the store is read-only) is the
// error, and ends it.
Result<CellReport> put_form_cells(const FormFields& form, std::string_view row, std::int64_t ttl_seconds,
                                  CellBatch& batch);

}  // namespace nmstore::ingest
