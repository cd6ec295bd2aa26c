// The part of ForeignCommit that knows of full copies, and of what has come here before.
#include <algorithm>
#include <utility>

#include "engine/batches.h"
#include "engine/family_changes.h"
#include "engine/foreign_commit.h"
#include "engine/journal_positions.h"
#include "engine/row_listing.h"
#include "engine/write_stamps.h"

namespace nmstore {

using Kind = JournalStep::Kind;

auto ForeignCommit::rows_of(const FamilyPtr& family) const {
    return [this, schema = family->schema()](const std::string& from, std::size_t limit) {
        return list_rows(core_, *schema, from, "", limit);
    };
}
auto ForeignCommit::rows_of_counters() const {
    return [this](const std::string& from, std::size_t limit) {
        return list_counter_rows(core_, from, "", limit);
    };
}

// Those that every store has stay, with whatever comparator.
Result<void> ForeignCommit::only_families(const JournalStep& step) {
    for (const FamilyPtr& family : core_.families.all()) {
        const std::string name = family->schema()->info.name;
        const bool is_between = name > step.row && (step.value.empty() || name < step.value);
        if (is_between && name != kIndexFamily && name != kTimeFamily)
            NM_TRY(drop_family(core_, name, origin_of_family()));
    }
    return {};
}

// In a journal a family's step is a record of its own; in a copy the record has many.
JournalOrigin ForeignCommit::origin_of_family() const {
    return origin_.is_of_copy() ? origin_.of_part() : origin_;
}

// Calls back for each row between two of a copy's rows that is there and is not the hub's own. Most gaps are
// empty, so to begin with only their bounds are read. busy: there are more than one commit should hold;
// remove_ahead() takes care of them.
template <class List, class Remove>
Result<void> ForeignCommit::each_row_of_gap(const JournalStep& gap, const List& list, const Remove& remove) {
    std::string from(gap.row);
    for (std::size_t page = kRowsOfGap;; page = kRowsOfPage) {
        NM_ASSIGN(const auto rows, list(from, page));
        const bool ends = rows.size() < page || is_behind(gap, rows.back());
        if (page == kRowsOfPage && !ends && !removed_ahead_) {
            much_to_remove_ = true;
            return Error{Code::busy, "many rows are to go first"};
        }
        for (const std::string& row : rows) {
            if (is_within(gap, row)) NM_TRY(remove(row));
        }
        if (ends) return {};
        from = rows.back() + '\0';
    }
}

// Calls back for all of them that fill pages; the rest goes with the record itself. false: no more.
template <class List, class Remove>
Result<void> ForeignCommit::each_page_of_gap(const JournalStep& gap, const List& list, const Remove& remove) {
    std::string from(gap.row);
    // Most gaps are empty, as above.
    for (std::size_t page = kRowsOfGap;; page = kRowsOfPage) {
        if (core_.closed.load(std::memory_order_acquire))
            return Error{Code::unavailable, "the store is closed"};
        NM_ASSIGN(auto rows, list(from, page));
        if (page == kRowsOfGap && rows.size() == page && !is_behind(gap, rows.back())) continue;
        if (rows.size() < kRowsOfPage || is_behind(gap, rows.back())) return {};
        from = rows.back() + '\0';
        std::erase_if(rows, [&](const std::string& row) { return !is_within(gap, row); });
        NM_ASSIGN(const bool more, remove(rows));
        if (!more) return {};
    }
}

bool ForeignCommit::is_behind(const JournalStep& gap, const std::string& row) {
    return !gap.value.empty() && row >= gap.value;
}
bool ForeignCommit::is_within(const JournalStep& gap, const std::string& row) const {
    return row != gap.row && !is_behind(gap, row) && !core_.changes.is_own(gap.family, row);
}

Result<void> ForeignCommit::only_rows(const JournalStep& step) {
    const FamilyPtr family = core_.families.find(step.family);
    if (family == nullptr) return {};
    NM_ASSIGN(FamilyWrites* const writes, writes_of(step.family, step.type));
    return each_row_of_gap(step, rows_of(family),
                           [&](const std::string& row) { return remove_row(*writes, step.family, row); });
}

Result<void> ForeignCommit::only_counters(const JournalStep& step) {
    return each_row_of_gap(step, rows_of_counters(), [&](const std::string& row) -> Result<void> {
        remove_counters(core_, *batch_, draft_, row, std::nullopt);
        return {};
    });
}

// Of a cell of a copy, before it is put.
void ForeignCommit::note_stamp(const JournalReader& reader, const JournalStep& put) {
    if (put.stamp == 0 || !origin_.is_of_copy() || retold_ != nullptr || !core_.changes.keeps_journal())
        return;
    draft_.written[write_stamps::cell_key(write_stamps::row_key(put.family, put.row),
                                          reader.sortable_column())] = {put.stamp, put.sequence};
    draft_.steps.written(put.stamp, put.sequence);
}

Result<void> ForeignCommit::begin_copy(bool in_part) {
    of_copy_.begins = true;
    of_copy_.in_part = in_part;
    if (core_.changes.keeps_journal()) draft_.steps.begin_copy(in_part);
    // Before families are dropped, which is not in the record's batch.
    if (!copy_since_) copy_since_ = core_.changes.journal_range().end;
    NM_ASSIGN(of_copy_.reception,
              begin_reception(core_, *batch_, {origin_.hub, origin_.stamp, *copy_since_, in_part},
                              of_copy_.places_before));
    const bool is_direct = link_.stream.starts_with(kCopyStream);
    of_copy_.reception->target = write_stamps::hub_number(is_direct ? core_.hub_id : link_.hub);
    return {};
}

// Known from now on: rows that the copy has come to have it, and the others are going to.
Result<void> ForeignCommit::take_cut(const JournalStep& step) {
    // Some rows tell of nobody how far it is known.
    if (of_copy_.in_part || step.value == core_.hub_id) return {};
    NM_ASSIGN(const OriginPosition known, read_origin(core_, step.value));
    NM_ASSIGN(const ChangeNumber brought, read_brought_position(core_, step.value));
    // Of the copied hub itself a greater one is of a life that it does not remember, if it is older than the
    // copy.
    const bool forgotten = step.value == origin_.hub && known.stamp < origin_.stamp;
    if (step.sequence <= known.number && !forgotten) return {};
    // If it was raised before, by a copy that has not ended, what was before that counts.
    of_copy_.places_before.try_emplace(std::string(step.value), PlaceBefore{known, brought});
    put_origin_position(*batch_, step.value, {step.sequence, origin_.stamp});
    if (step.sequence > std::max(known.number, brought))
        put_brought_position(*batch_, step.value, step.sequence);
    return {};
}

// In commits of their own: of what is to go between two rows all but what one commit may hold.
Result<void> ForeignCommit::remove_ahead() {
    NM_ASSIGN(JournalReader reader, JournalReader::open(record_.bytes));
    JournalStep step;
    for (;;) {
        NM_ASSIGN(const bool more, reader.next(step));
        if (!more) return {};
        if (step.kind == Kind::only_rows) NM_TRY(remove_rows_ahead(step));
        if (step.kind == Kind::only_counters) NM_TRY(remove_counters_ahead(step));
    }
}

Result<void> ForeignCommit::remove_rows_ahead(const JournalStep& gap) {
    const FamilyPtr family = core_.families.find(gap.family);
    if (family == nullptr || family->schema()->info.comparator != gap.type) return {};
    return each_page_of_gap(gap, rows_of(family), [&](const std::vector<std::string>& rows) -> Result<bool> {
        const auto batch = core_.database->new_batch();
        JournalDraft draft;
        draft.origin = origin_.of_part();
        FamilyWrites writes(core_, *batch, family);
        writes.tell_journal(&draft);
        for (const std::string& row : rows) NM_TRY(writes.remove_row(row));
        auto applied = apply_writes(core_, *batch, {&writes}, BatchKind::removal, {}, &draft);
        // Some row was written here later: the record looks at each cell.
        if (!applied.ok() && applied.error().code == Code::busy) return false;
        NM_TRY(applied);
        NM_TRY(wait_for(core_, std::move(*applied)));
        return true;
    });
}

Result<void> ForeignCommit::remove_counters_ahead(const JournalStep& gap) {
    return each_page_of_gap(
        gap, rows_of_counters(), [&](const std::vector<std::string>& rows) -> Result<bool> {
            const auto batch = core_.database->new_batch();
            JournalDraft draft;
            draft.origin = origin_.of_part();
            const auto alone = [&]() -> Result<void> {
                for (const std::string& row : rows) remove_counters(core_, *batch, draft, row, std::nullopt);
                return {};
            };
            NM_ASSIGN(Applied applied,
                      apply_writes(core_, *batch, {}, BatchKind::removal, {}, &draft, alone));
            NM_TRY(wait_for(core_, std::move(applied)));
            return true;
        });
}

Result<void> ForeignCommit::take_of_copy(const JournalStep& step) {
    if (!origin_.is_of_copy())
        return Error{Code::invalid_argument, "the step is of a full copy, and the record is not"};
    JournalSteps ignored;
    JournalSteps& told = core_.changes.keeps_journal() ? draft_.steps : ignored;
    switch (step.kind) {
        case Kind::begin_copy:
            return begin_copy((step.sequence & 2) != 0);
        case Kind::cut:
            of_copy_.cut.cut(step.value, step.sequence);
            told.cut(step.value, step.sequence);
            return take_cut(step);
        case Kind::cut_filtered:
            of_copy_.cut.cut_filtered(step.value, step.sequence);
            told.cut_filtered(step.value, step.sequence);
            return {};
        case Kind::sources:
            NM_TRY(SourceMarks::parse(step.fields));
            of_copy_.cut.sources(step.value, step.fields);
            told.sources(step.value, step.fields);
            return {};
        case Kind::end_copy:
            of_copy_.ends = true;
            told.end_copy();
            return {};
        case Kind::retold:
            told.retold(step.value, step.sequence, step.stamp);
            draft_.retold = {step.stamp, write_stamps::hub_number(step.value)};
            return {};
        default:
            return {};
    }
}

bool ForeignCommit::is_origin(const JournalStep& step) {
    return step.sequence <= kMaxSourceSequence && step.value.size() <= kMaxSourceBytes;
}

// Before all else, as it decides what is taken. What is no record is found out by who reads it next.
Result<void> ForeignCommit::find_sources() {
    NM_ASSIGN(JournalReader reader, JournalReader::open(record_.bytes));
    JournalStep step;
    for (auto more = reader.next(step); more.ok() && *more; more = reader.next(step)) {
        if (step.kind == Kind::sources && origin_.is_of_copy()) {
            const auto marks = SourceMarks::parse(step.fields);
            if (marks.ok()) copied_sources_[std::string(step.value)].add(*marks);
        }
        if (step.kind != Kind::origin || !is_origin(step)) continue;
        std::uint64_t& last = sources_[std::string(step.value)];
        last = std::max(last, step.sequence);
    }
    return {};
}

// With their locks held.
Result<void> ForeignCommit::note_copied_sources() {
    for (const auto& [source, copied] : copied_sources_) {
        NM_ASSIGN(SourceMarks marks, SourceMarks::read(*core_.database, source));
        if (marks.contains(copied)) continue;
        marks.add(copied);
        marks.put(*batch_, source);
    }
    return {};
}

// With their locks held: whether all lines of the record have come here before, from their source itself; of
// a record that is written again, whether the copy has them.
Result<bool> ForeignCommit::note_sources() {
    const bool copied = origin_.is_of_copy();
    bool known = !sources_.empty() && (!copied || retold_ != nullptr);
    for (const auto& [source, sequence] : sources_) {
        if (retold_ != nullptr) {
            const auto there = retold_->cut.sources.find(source);
            known = known && there != retold_->cut.sources.end() && there->second.contains(sequence);
            told_sources_[source] = sequence;
            continue;
        }
        NM_ASSIGN(SourceMarks marks, SourceMarks::read(*core_.database, source));
        if (marks.contains(sequence)) continue;
        known = false;
        marks.add(sequence);
        marks.put(*batch_, source);
        told_sources_[source] = sequence;
    }
    return known;
}

Result<void> ForeignCommit::put_positions() {
    if (origin_.is_of_copy()) NM_TRY(put_place_in_copy());
    if (retold_ != nullptr) return {};
    put_position(*batch_, link_, record_.number + 1);
    // Of a hub that nobody has written to nothing could be lost here.
    if (!origin_.is_of_journal() || !says_something_) return {};
    const ChangeNumber next = origin_.number_there() + 1;
    if (link_.stream.empty() && !origin_.is_filtered()) {
        put_origin_position(*batch_, origin_.hub, {next, origin_.stamp});
    } else if (origin_.hub != link_.hub) {
        put_passed_position(*batch_, origin_, link_, next);
    }
    return {};
}

// Of rows that come through filters what the copied hub had is here as well, though the stream that goes on
// behind the copy has still to begin: a copy that this hub makes has to say so. Who sends here itself brings
// its rows by itself where patterns are used.
Result<void> ForeignCommit::note_copied_places() {
    NM_ASSIGN(CopyCut cut, read_cut(core_, origin_.hub));
    for (const auto& [hub, position] : cut.reached) {
        ChangeNumber& place = cut.reached_filtered[hub];
        place = std::max(place, position);
    }
    for (const auto& [hub, position] : cut.reached_filtered) {
        NM_ASSIGN(const auto direct, read_position(core_, {hub, ""}));
        const bool counts = hub == origin_.hub || (hub != core_.hub_id && !direct);
        const JournalOrigin made{hub, position, 0};
        const JournalLink copied{hub, std::string(kCopyStream)};
        NM_ASSIGN(const ChangeNumber before, read_passed_position(core_, made, copied));
        if (counts && position > before) put_passed_position(*batch_, made, copied, position);
    }
    return {};
}

Result<void> ForeignCommit::put_place_in_copy() {
    put_copy_position(*batch_, origin_.hub, {origin_.stamp, origin_.number + 1});
    if (retold_ != nullptr) {
        put_reception(*batch_, origin_.hub, retold_->reception);
        return {};
    }
    if (of_copy_.reception) {
        of_copy_.reception->ended = of_copy_.ends;
        put_reception(*batch_, origin_.hub, *of_copy_.reception);
        put_cut(*batch_, origin_.hub, format_journal_record(origin_.stamp, nullptr, of_copy_.cut));
        if (!of_copy_.in_part) put_places_before(*batch_, origin_.hub, of_copy_.places_before);
        return {};
    }
    NM_ASSIGN(auto reception, read_reception(core_, origin_.hub));
    if (!reception) return {};
    if (of_copy_.begins) {
        remove_reception(*batch_, origin_.hub);  // of one that was cut off; this one overwrites all
        return {};
    }
    if (reception->stamp != origin_.stamp) return {};
    reception->moved_ms = core_.clock.now_ms();
    if (of_copy_.ends) {
        NM_TRY(note_copied_places());
        NM_TRY(note_whole(core_, *batch_, origin_.hub));
    }
    reception->ended = reception->ended || of_copy_.ends;
    put_reception(*batch_, origin_.hub, *reception);
    return {};
}

}  // namespace nmstore
