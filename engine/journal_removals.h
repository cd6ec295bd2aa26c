// Rows, last cells of rows, counters and families that were removed, by what the journal still tells, and are
// not there at a moment.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "engine/journal_record.h"
#include "nmstore/journal.h"

namespace nmstore {

// A copy of some rows says nothing of those that are not there, and the journal goes on behind its cut: a
// removal that the other hub had not got by then would not come any more. One thread.
class JournalRemovals {
  public:
    using Wants = std::function<bool(std::string_view family, std::string_view row)>;
    // Of records before `end`; `families` are those of the snapshot. All must outlive it.
    JournalRemovals(const Core& core, ChangeNumber end, const std::vector<SchemaPtr>& families,
                    SnapshotPtr snapshot, Wants wants);
    ~JournalRemovals();
    // Adds steps until there are so many bytes, or it has come to the end. Names may come more than once.
    // What cannot be read of the journal is passed over. unavailable: the store is closed.
    Result<void> add(JournalSteps& steps, std::size_t max_bytes);

  private:
    Result<void> add_of(const JournalRecord& record, JournalSteps& steps);
    Result<void> add_of_row(const JournalReader& reader, const JournalStep& removal, JournalSteps& steps);
    Result<void> add_counters(const JournalStep& removal, JournalSteps& steps);
    void add_family(const JournalStep& removal, JournalSteps& steps);
    const Schema* find(std::string_view family) const;
    bool is_new(const JournalStep& removal);  // not asked for lately

    const Core& core_;
    const ChangeNumber end_;
    const std::vector<SchemaPtr>& families_;
    const SnapshotPtr snapshot_;
    const Wants wants_;
    ChangeNumber from_ = 0;
    bool ended_ = false;
    std::set<std::string> asked_;
    std::map<std::uint32_t, std::unique_ptr<kv::Cursor>> rows_;  // of families, by id
    std::unique_ptr<kv::Cursor> counters_;
};

}  // namespace nmstore
