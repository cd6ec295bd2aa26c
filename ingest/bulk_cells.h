// The bulk body of CloudSandra: {"rowkeys":[{"rowkey":r,"columns":[{"columnname":c,"columnvalue":v,"ttl":t},…]},…]}.
#pragma once

#include <string>

#include "ingest/report.h"
#include "nmstore/store.h"

namespace nmstore::ingest {

// Decodes a padded body (see body.h) into `batch`, without committing it. invalid_argument: not JSON of this shape, the batch
// must be thrown away. Columns that are wrong (name missing or not fitting, a value that is no text or number, a bad ttl)
// are left out and named in the report. columnname, columnvalue, ttl and rowkey may be strings or numbers; a
// number's text is kept as it was written.
Result<CellReport> decode_bulk_cells(const std::string& body, CellBatch& batch);

// {"rowkeys":[{"rowkey":r,"columns":[{"columnname":c,"increment":n},…]},…]}; "decrement" works as well. n is a number or
// its text; missing: 1. As above in everything else.
Result<CellReport> decode_bulk_counters(const std::string& body, CounterBatch& batch);

}  // namespace nmstore::ingest
