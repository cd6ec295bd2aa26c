// A row whose entries or blocks are being replaced by others that hold the same lines. What is to replace
// them is built from a snapshot, outside of all locks, while writers go on; it is applied in one step under
// the row's lock, and only if nobody has changed meanwhile what it was made from.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/core.h"

namespace nmstore {

// Belongs to one thread. Only one for each row at a time: its owner holds Core::sealing_turn.
class RowAtWork {
  public:
    // nullptr: there is no such row (any more). `cells_to_ms`: posted cells up to this time are read as well;
    // see Row::sealing_to_ms.
    static Result<std::unique_ptr<RowAtWork>> begin(Core& core, RowId id,
                                                    std::int64_t cells_to_ms = Row::kNotSealing);
    ~RowAtWork();
    RowAtWork(const RowAtWork&) = delete;
    RowAtWork& operator=(const RowAtWork&) = delete;

    const Row& row() const { return *row_; }  // only what never changes
    Row& locked_row() { return *row_; }       // for `complete` of apply()
    const SnapshotPtr& snapshot() const { return snapshot_; }

    // Lets `complete` put the last into the batch, and applies it. `complete` is told the time before which
    // no entry has been written since begin(). false: what was read has changed, or the row is gone; nothing
    // is written.
    Result<bool> apply(kv::Batch& batch,
                       const std::function<void(std::int64_t untouched_before_ms)>& complete);

  private:
    RowAtWork(Core& core, FamilyPtr family, RowPtr row);

    Core& core_;
    const FamilyPtr family_;
    const RowPtr row_;
    SnapshotPtr snapshot_;
};

}  // namespace nmstore
