// One record of another hub's journal, written here: in one batch, with the position of the link.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/block_builder.h"
#include "engine/commit.h"
#include "engine/core.h"
#include "engine/journal_draft.h"
#include "engine/refused_noting.h"
#include "engine/sequence_ranges.h"
#include "nmstore/journal.h"

namespace nmstore {

class ForeignCommit {
  public:
    // All must outlive it. core.foreign_turn must be held.
    ForeignCommit(Core& core, const JournalLink& link, const JournalRecordView& record,
                  const JournalOrigin& origin, const RefusedNoting& noting)
        : core_(core), link_(link), record_(record), origin_(origin), noting_(noting) {}

    // Visible, and not yet on disk. What cannot be written here goes to `refused`, and is noted with the
    // rest. invalid_argument: the record is none.
    Result<Applied> apply(std::vector<AppliedJournal::Refused>& refused);

  private:
    using Refused = std::vector<AppliedJournal::Refused>;

    Result<Applied> apply_once(Refused& refused);
    Result<void> take(const JournalReader& reader, const JournalStep& step);
    Result<void> put_line(const JournalReader& reader, const JournalStep& step);
    Result<void> remove_row(const JournalStep& step, const JournalReader& reader);
    Result<void> remove_all_but_newer(FamilyWrites& writes, const JournalStep& step);
    Result<void> only_families(const JournalStep& step);
    Result<void> only_rows(const JournalStep& step);
    Result<void> count(const JournalStep& step);
    Result<void> find_sources();
    Result<bool> note_sources();
    Result<FamilyWrites*> writes_of(std::string_view family, ValueType comparator);
    Result<FamilyWrites*> writes_of_lines(const JournalReader& reader, std::string_view family);
    Result<void> flush_lines();
    JournalOrigin origin_of_family() const;
    bool is_lost(const JournalReader& reader, const JournalStep& step) const;
    void put_positions();

    Core& core_;
    const JournalLink& link_;
    const JournalRecordView& record_;
    const JournalOrigin& origin_;
    const RefusedNoting& noting_;
    std::set<std::string> lost_;  // keys of stamps (engine/write_stamps.h) that are greater here

    // Of one try.
    std::unique_ptr<kv::Batch> batch_;
    JournalDraft draft_;
    std::map<std::string, std::unique_ptr<FamilyWrites>, std::less<>> families_;
    std::unique_ptr<SequenceRanges> sequences_;
    std::map<std::string, std::uint64_t> sources_;  // of lines, and their last sequence
    BlockBuilder lines_;                            // of a row, until they are written
    FamilyWrites* lines_of_ = nullptr;
    std::string lines_row_, lines_display_;
};

}  // namespace nmstore
