// Parts of rows, as cells.
#pragma once

#include <string_view>

#include "engine/core.h"
#include "engine/record.h"
#include "nmstore/cell.h"

namespace nmstore {

// See Store::slice. The row need not be there.
Result<Slice> read_slice(const Core& core, const Schema& schema, std::string_view row,
                         const SliceRange& range);

// Whether a row has at least one cell or line that has not expired.
Result<bool> has_live_cell(const Core& core, kv::Space space, RowId row, std::int64_t now_ms);

// Visits the records of a partition between two sortable bounds (inclusive; "" is open), forwards or
// backwards. A bound that is the beginning of longer keys includes them.
class RecordWalk {
  public:
    RecordWalk(const Core& core, kv::Space space, RowId row, std::string first, std::string last,
               bool reversed, const SnapshotPtr& snapshot = nullptr);

    // false at the end. Skips what has expired.
    Result<bool> next();
    std::string_view key() const { return cursor_->key(); }
    const record::Entry& entry() const { return entry_; }

  private:
    bool inside() const;

    std::unique_ptr<kv::Cursor> cursor_;
    const std::int64_t now_ms_;
    const std::string low_, high_;
    const bool reversed_;
    bool started_ = false;
    record::Entry entry_;
};

}  // namespace nmstore
