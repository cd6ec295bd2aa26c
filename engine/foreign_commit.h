// One record of another hub's journal, written here: in one batch, with the position of the link.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/block_builder.h"
#include "engine/commit.h"
#include "engine/copy_retelling.h"
#include "engine/core.h"
#include "engine/journal_draft.h"
#include "engine/refused_noting.h"
#include "engine/sequence_ranges.h"
#include "engine/source_marks.h"
#include "nmstore/journal.h"

namespace nmstore {

// What has come, and how.
struct ForeignRecord {
    const JournalLink& link;
    const JournalRecordView& record;
    const JournalOrigin& origin;
    JournalRights rights{};
};

class ForeignCommit {
  public:
    // All must outlive it. core.foreign_turn must be held. `retold`: it is of this hub's own journal, and is
    // written again; no position moves but that of the retelling.
    ForeignCommit(Core& core, const ForeignRecord& of, const RefusedNoting& noting,
                  const Retold* retold = nullptr)
        : core_(core),
          link_(of.link),
          record_(of.record),
          origin_(of.origin),
          rights_(of.rights),
          noting_(noting),
          retold_(retold) {}

    // Visible, and not yet on disk. What cannot be written here goes to `refused`, and is noted with the
    // rest. invalid_argument: the record is none.
    Result<Applied> apply(RefusedSteps& refused);

  private:
    static constexpr std::size_t kRowsOfPage = 1000;
    static constexpr std::size_t kRowsOfGap = 2;
    // What a record tells of the copy that it is a part of.
    struct OfCopy {
        bool begins = false;
        bool in_part = false;                      // only some rows are in it
        std::optional<CopyReception> reception{};  // if it begins
        bool ends = false;
        JournalSteps cut{};  // see CopyCut
        PlacesBefore places_before{};
    };

    Result<Applied> apply_once(RefusedSteps& refused);
    Result<void> take(const JournalReader& reader, const JournalStep& step);
    Result<void> put_line(const JournalReader& reader, const JournalStep& step);
    Result<void> remove_row(FamilyWrites& writes, std::string_view family, std::string_view row);
    Result<void> remove_all_but_newer(FamilyWrites& writes, const std::string& row_key, std::string_view row);
    Result<void> only_families(const JournalStep& step);
    Result<void> only_rows(const JournalStep& step);
    Result<void> only_counters(const JournalStep& step);
    template <class List, class Remove>
    Result<void> each_row_of_gap(const JournalStep& gap, const List& list, const Remove& remove);
    template <class List, class Remove>
    Result<void> each_page_of_gap(const JournalStep& gap, const List& list, const Remove& remove);
    static bool is_behind(const JournalStep& gap, const std::string& row);
    bool is_within(const JournalStep& gap, const std::string& row) const;
    auto rows_of(const FamilyPtr& family) const;
    auto rows_of_counters() const;
    Result<void> count(const JournalStep& step);
    Result<void> remove_ahead();
    Result<void> remove_rows_ahead(const JournalStep& gap);
    Result<void> remove_counters_ahead(const JournalStep& gap);
    Result<void> take_of_copy(const JournalStep& step);
    void note_stamp(const JournalReader& reader, const JournalStep& put);
    Result<void> begin_copy(bool in_part);
    Result<void> take_cut(const JournalStep& step);
    Result<void> find_put_cells();
    static bool is_origin(const JournalStep& step);
    Result<void> find_sources();
    Result<bool> note_sources();
    Result<void> note_copied_sources();
    Result<FamilyWrites*> writes_of(std::string_view family, ValueType comparator);
    Result<FamilyWrites*> writes_of_lines(const JournalReader& reader, std::string_view family);
    Result<void> flush_lines();
    JournalOrigin origin_of_family() const;
    bool is_lost(const JournalReader& reader, const JournalStep& step) const;
    Result<void> put_positions();
    Result<void> put_place_in_copy();
    Result<void> note_copied_places();

    Core& core_;
    const JournalLink& link_;
    const JournalRecordView& record_;
    const JournalOrigin& origin_;
    const JournalRights rights_;
    const RefusedNoting& noting_;
    const Retold* const retold_;
    std::optional<ChangeNumber> copy_since_;  // of a copy that begins: where this hub's journal ended then
    bool much_to_remove_ = false, removed_ahead_ = false;  // see each_row_of_gap()
    std::set<std::string> put_;  // keys of stamps of the cells that it puts, once any removal is lost
    bool put_known_ = false;
    std::set<std::string> lost_;  // keys of stamps (engine/write_stamps.h) that are greater here

    // Of one try.
    std::unique_ptr<kv::Batch> batch_;
    JournalDraft draft_;
    std::map<std::string, std::unique_ptr<FamilyWrites>, std::less<>> families_;
    std::unique_ptr<SequenceRanges> sequences_;
    std::map<std::string, std::uint64_t> sources_;       // of lines, and their last sequence
    std::map<std::string, std::uint64_t> told_sources_;  // of them: those that the journal is to tell
    std::map<std::string, SourceMarks> copied_sources_;
    std::set<std::string, std::less<>> counters_removed_;  // rows
    bool says_something_ = false;                          // that not every store has
    std::set<std::string> rows_removed_;                   // keys of stamps, where newer cells stay
    OfCopy of_copy_;
    BlockBuilder lines_;  // of a row, until they are written
    FamilyWrites* lines_of_ = nullptr;
    std::string lines_row_, lines_display_;
};

}  // namespace nmstore
