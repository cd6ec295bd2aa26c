#include "engine/foreign_commit.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "engine/batches.h"
#include "engine/family_changes.h"
#include "engine/journal_block.h"
#include "engine/journal_positions.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/row_listing.h"
#include "engine/slice.h"
#include "engine/source_marks.h"
#include "engine/write_stamps.h"

namespace nmstore {
namespace {

using Kind = JournalStep::Kind;

// As much as is kept.
std::string name_of(const JournalStep& step) {
    constexpr std::size_t kMost = AppliedJournal::kMaxRefusedName;
    std::string out(step.family.empty() ? "counters" : step.family.substr(0, kMost));
    for (const std::string_view part : {step.row, std::string_view(step.column)}) {
        if (!part.empty()) out.append("/").append(part.substr(0, kMost));
    }
    return out;
}

bool is_of_row(Kind kind) {
    return kind == Kind::put_cell || kind == Kind::remove_cell || kind == Kind::remove_row ||
           kind == Kind::line || kind == Kind::block;
}

// Whether `row` names the row that the step is about.
bool is_row_known(const JournalStep& step) {
    return is_of_row(step.kind) || step.kind == Kind::add || step.kind == Kind::remove_counters ||
           step.kind == Kind::set_counter || step.kind == Kind::counters_of;
}

// What a hub writes before anybody writes to it.
bool is_of_every_store(const JournalStep& step) {
    return step.kind == Kind::create_family && (step.family == kIndexFamily || step.family == kTimeFamily);
}

bool is_for_alone(Kind kind) {
    return kind == Kind::remove_counters || kind == Kind::set_counter || kind == Kind::only_counters ||
           kind == Kind::counters_of;
}

// What a step can be refused for, once and for all; anything else may pass another time.
bool is_refusal(Code code) {
    return code == Code::invalid_argument || code == Code::conflict || code == Code::not_found ||
           code == Code::unsupported || code == Code::too_large || code == Code::corruption;
}

}  // namespace

Result<Applied> ForeignCommit::apply(RefusedSteps& refused) {
    const std::uint64_t before = refused.size();
    for (;;) {
        auto applied = apply_once(refused);
        if (applied.ok()) return applied;
        // What was written here later stays: once more, without that.
        if (applied.error().code != Code::busy) return applied;
        if (std::exchange(much_to_remove_, false)) {
            NM_TRY(remove_ahead());
            removed_ahead_ = true;
            refused.shrink(before);
            continue;
        }
        const std::size_t lost_before = lost_.size();
        for (const auto& [name, writes] : families_)
            lost_.insert(writes->lost().begin(), writes->lost().end());
        if (lost_.size() == lost_before) return applied;
        refused.shrink(before);
        if (!put_known_) NM_TRY(find_put_cells());
    }
}

Result<Applied> ForeignCommit::apply_once(RefusedSteps& refused) {
    families_.clear();
    batch_ = core_.database->new_batch();
    draft_ = {};
    draft_.origin = origin_;
    if (origin_.is_of_journal() && !link_.stream.empty()) draft_.origin->number |= JournalOrigin::kFiltered;
    if (retold_ != nullptr)
        draft_.retold = {retold_->origin.stamp, write_stamps::hub_number(retold_->origin.hub)};
    sequences_ = std::make_unique<SequenceRanges>(core_.sequences);
    sources_.clear();
    told_sources_.clear();
    counters_removed_.clear();
    rows_removed_.clear();
    says_something_ = false;
    copied_sources_.clear();
    of_copy_ = {};
    lines_.clear();
    lines_of_ = nullptr;

    std::vector<std::unique_lock<std::mutex>> held;
    bool lines_known = false;
    NM_TRY(find_sources());
    if (!sources_.empty() || !copied_sources_.empty()) {
        RowLocks::Stripes stripes;
        for (const auto& [source, sequence] : sources_)
            stripes.set(RowLocks::stripe_of(std::hash<std::string>{}(source)));
        for (const auto& [source, marks] : copied_sources_)
            stripes.set(RowLocks::stripe_of(std::hash<std::string>{}(source)));
        held = core_.origin_locks.lock(stripes);
        NM_TRY(note_copied_sources());
        NM_ASSIGN(lines_known, note_sources());
    }
    NM_ASSIGN(JournalReader reader, JournalReader::open(record_.bytes));
    JournalStep step;
    const auto take_all = [&](auto&& each) -> Result<void> {
        for (;;) {
            if (core_.closed.load(std::memory_order_acquire))
                return Error{Code::unavailable, "the store is closed"};
            auto more = reader.next(step);
            if (!more.ok()) {
                return Error{Code::invalid_argument, "record " + std::to_string(record_.number) +
                                                         " of the journal: " + more.error().message};
            }
            if (!*more) return {};
            const Result<void> taken = each();
            if (taken.ok()) continue;
            if (!is_refusal(taken.error().code)) return taken;
            refused.add(record_.number, name_of(step), taken.error().message, step.value);
        }
    };
    bool alone = false;
    NM_TRY(take_all([&]() -> Result<void> {
        says_something_ = says_something_ || !is_of_every_store(step);
        if (is_row_known(step) && core_.changes.is_own(step.family, step.row)) return {};
        if (lines_known && (step.kind == Kind::line || step.kind == Kind::block)) return {};
        if (is_for_alone(step.kind)) {
            alone = true;
            return {};
        }
        return take(reader, step);
    }));
    NM_TRY(flush_lines());
    // Behind the lines, as filter_journal_record() expects it.
    if (core_.changes.keeps_journal()) {
        for (const auto& [source, sequence] : told_sources_) draft_.steps.origin(source, sequence);
    }
    NM_TRY(put_positions());
    const auto count_all = [&]() -> Result<void> {
        NM_ASSIGN(reader, JournalReader::open(record_.bytes));
        NM_TRY(take_all([&]() -> Result<void> {
            if (!is_for_alone(step.kind)) return {};
            if (is_row_known(step) && core_.changes.is_own("", step.row)) return {};
            return count(step);
        }));
        return noting_.put(*batch_, refused);
    };
    if (!alone) NM_TRY(noting_.put(*batch_, refused));
    std::vector<FamilyWrites*> parts;
    for (const auto& [name, writes] : families_) parts.push_back(writes.get());
    return apply_writes(core_, *batch_, parts, BatchKind::any, sequences_->taken(), &draft_,
                        alone ? std::function<Result<void>()>(count_all) : nullptr);
}

Result<void> ForeignCommit::find_put_cells() {
    put_known_ = true;
    NM_ASSIGN(JournalReader reader, JournalReader::open(record_.bytes));
    JournalStep step;
    for (auto more = reader.next(step); more.ok() && *more; more = reader.next(step)) {
        if (step.kind == Kind::put_cell)
            put_.insert(write_stamps::cell_key(write_stamps::row_key(step.family, step.row),
                                               reader.sortable_column()));
    }
    return {};
}

bool ForeignCommit::is_lost(const JournalReader& reader, const JournalStep& step) const {
    if (lost_.empty() || step.kind == Kind::remove_row || !is_of_row(step.kind)) return false;
    const std::string row = write_stamps::row_key(step.family, step.row);
    if (lost_.contains(row)) return true;
    return (step.kind == Kind::put_cell || step.kind == Kind::remove_cell) &&
           lost_.contains(write_stamps::cell_key(row, reader.sortable_column()));
}

Result<FamilyWrites*> ForeignCommit::writes_of_lines(const JournalReader& reader, std::string_view family) {
    NM_ASSIGN(FamilyWrites* const writes, writes_of(family, reader.comparator()));
    if (!writes->family()->schema()->info.is_time_family())
        return Error{Code::invalid_argument, "lines are in time families only"};
    if (reader.display().size() > kMaxRowKeyBytes)
        return Error{Code::invalid_argument, "the name of the log is too long"};
    return writes;
}

Result<FamilyWrites*> ForeignCommit::writes_of(std::string_view family, ValueType comparator) {
    const auto there = families_.find(family);
    if (there != families_.end()) return there->second.get();
    FamilyPtr found = core_.families.find(family);
    if (found == nullptr) {
        NM_TRY(create_family(core_, family, comparator, origin_.of_part()));
        found = core_.families.find(family);
        if (found == nullptr) return Error{Code::not_found, "the family has been dropped"};
    }
    if (found->schema()->info.comparator != comparator) {
        return Error{Code::conflict, "the family has comparator " +
                                         std::string(value_type_name(found->schema()->info.comparator)) +
                                         " here, and " + std::string(value_type_name(comparator)) + " there"};
    }
    auto writes = std::make_unique<FamilyWrites>(core_, *batch_, std::move(found));
    writes->tell_journal(&draft_);
    return families_.emplace(std::string(family), std::move(writes)).first->second.get();
}

Result<void> ForeignCommit::take(const JournalReader& reader, const JournalStep& step) {
    if (is_lost(reader, step)) return {};
    if (step.stamp > write_stamps::kMaxForeign)
        return Error{Code::invalid_argument, "its time is beyond all that is possible"};
    if (step.kind != Kind::line) NM_TRY(flush_lines());
    switch (step.kind) {
        case Kind::put_cell: {
            NM_ASSIGN(FamilyWrites* const writes, writes_of(step.family, reader.comparator()));
            writes->tell_values(step.told);
            note_stamp(reader, step);
            return writes->put_cell_until(step.row, step.column, step.value, step.expires_at_ms);
        }
        case Kind::remove_cell: {
            NM_ASSIGN(FamilyWrites* const writes, writes_of(step.family, reader.comparator()));
            return writes->remove_cell(step.row, step.column);
        }
        case Kind::remove_row: {
            NM_ASSIGN(FamilyWrites* const writes, writes_of(step.family, reader.comparator()));
            return remove_row(*writes, step.family, step.row);
        }
        case Kind::line:
            return put_line(reader, step);
        case Kind::block: {
            NM_ASSIGN(FamilyWrites* const writes, writes_of_lines(reader, step.family));
            NM_ASSIGN(const RowId row, writes->row_id(step.row));
            NM_ASSIGN(const BuiltBlock block, take_journal_block(core_, reader, row, *sequences_));
            return writes->put_block(step.row, block, reader.display());
        }
        case Kind::add:
            NM_TRY(check_counter_name(step.row, step.column));
            batch_->add(key::kUserCounters, key::counter(step.row, step.column), step.delta);
            if (core_.changes.keeps_journal()) draft_.steps.add(step.row, step.column, step.delta);
            return {};
        case Kind::create_family:
            return create_family(core_, step.family, step.type, origin_of_family());
        case Kind::drop_family: {
            if (!rights_.drop_families)
                return Error{Code::conflict, "the credentials of the hub that sends lack the role admin"};
            const Result<void> dropped = drop_family(core_, step.family, origin_of_family());
            return !dropped.ok() && dropped.error().code == Code::not_found ? Result<void>() : dropped;
        }
        case Kind::declare_column:
            return declare_column(core_, step.family, step.column, step.type, step.indexed,
                                  origin_of_family());
        case Kind::only_families:
            return only_families(step);
        case Kind::only_rows:
            return only_rows(step);
        case Kind::begin_copy:
        case Kind::cut:
        case Kind::cut_filtered:
        case Kind::sources:
        case Kind::end_copy:
        case Kind::retold:
            return take_of_copy(step);
        case Kind::origin:
            if (is_origin(step)) return {};
            return Error{Code::invalid_argument,
                         "the name of the batch's source, or its number, is too great"};
        case Kind::remove_counters:
        case Kind::set_counter:
        case Kind::only_counters:
        case Kind::counters_of:
            break;
    }
    return {};
}

Result<void> ForeignCommit::put_line(const JournalReader& reader, const JournalStep& step) {
    NM_ASSIGN(FamilyWrites* const writes, writes_of_lines(reader, step.family));
    if (step.value.size() > kMaxLineBytes + kCutMark.size() || step.fields.size() > kMaxLineBytes)
        return Error{Code::invalid_argument, "the line is too long"};
    if (step.value.find('\n') != std::string_view::npos)
        return Error{Code::invalid_argument, "the line holds a newline"};
    if (writes != lines_of_ || lines_row_ != step.row) {
        NM_TRY(flush_lines());
        lines_of_ = writes;
        lines_row_ = step.row;
        lines_display_ = reader.display();
    }
    NM_ASSIGN(const std::uint64_t sequence, sequences_->next());
    if (!BlockBuilder::fits(step.fields))
        return writes->put_line(step.row, step.time_ms, sequence, step.value, step.fields, reader.display());
    lines_.add(step.time_ms, sequence, step.value, step.fields);
    return lines_.full(core_.sealing.block_bytes) ? flush_lines() : Result<void>();
}

Result<void> ForeignCommit::flush_lines() {
    if (lines_.empty()) return {};
    return lines_of_->put_lines(lines_row_, lines_, lines_display_);
}

Result<void> ForeignCommit::remove_row(FamilyWrites& writes, std::string_view family, std::string_view row) {
    const std::string key = write_stamps::row_key(family, row);
    const std::string removal = write_stamps::removal_of(key);
    // Once a pass has failed what was written before the next one is found here: else there would be a pass
    // for each row that somebody makes meanwhile, and no end of them.
    if (put_known_ && !lost_.contains(removal)) {
        NM_ASSIGN(const bool newer, write_stamps::any_greater(*core_.database, key, draft_.stamp()));
        if (newer) lost_.insert(removal);
    }
    if (!lost_.contains(removal)) return writes.remove_row(row);
    return remove_all_but_newer(writes, key, row);
}

// Cell by cell: some were written here later. Lines go: nobody knows when they came.
Result<void> ForeignCommit::remove_all_but_newer(FamilyWrites& writes, const std::string& row_key,
                                                 std::string_view row) {
    if (lost_.contains(row_key)) return {};  // what is left came after a later removal
    if (!rows_removed_.insert(row_key).second) return {};
    const SchemaPtr schema = writes.family()->schema();
    const write_stamps::Stamp ours = draft_.stamp();
    SliceRange range;
    range.limit = kRowsOfPage;
    for (;;) {
        NM_ASSIGN(const Slice page, read_slice(core_, *schema, row, range));
        for (const Cell& cell : page.cells) {
            if (range.from == cell.column) continue;
            NM_ASSIGN(const std::string sortable, encode_sortable(schema->info.comparator, cell.column));
            const std::string key = write_stamps::cell_key(row_key, sortable);
            if (put_.contains(key)) continue;  // a removal counts after all that is put in its batch
            NM_ASSIGN(const auto stamp, write_stamps::get(*core_.database, key));
            if (!stamp || *stamp <= ours) NM_TRY(writes.remove_cell(row, cell.column));
        }
        if (page.cells.size() < range.limit) return {};
        range.from = page.cells.back().column;
    }
}

Result<void> ForeignCommit::count(const JournalStep& step) {
    if (step.kind == Kind::remove_counters) {
        remove_counters(core_, *batch_, draft_, step.row,
                        step.has_column ? std::optional<std::string_view>(step.column) : std::nullopt);
        return {};
    }
    if (step.kind == Kind::counters_of) {
        JournalDraft untold;
        remove_counters(core_, *batch_, untold, step.row, std::nullopt);
        if (core_.changes.tells(step.row)) draft_.steps.counters_of(step.row);
        counters_removed_.emplace(step.row);
        return {};
    }
    if (step.kind == Kind::set_counter) {
        NM_TRY(check_counter_name(step.row, step.column));
        const std::string key = key::counter(step.row, step.column);
        NM_ASSIGN(const auto bytes, core_.database->get(kv::Space::counters, key::kUserCounters, key));
        std::int64_t there = 0;
        if (bytes && !counters_removed_.contains(step.row)) {
            NM_ASSIGN(there, record::parse_counter(*bytes));
        }
        const auto delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(step.delta) -
                                                     static_cast<std::uint64_t>(there));
        if (delta != 0 || !bytes || counters_removed_.contains(step.row))
            batch_->add(key::kUserCounters, key, delta);
        // Not as a step: whoever this hub sends to may have those of the copy already.
        if (core_.changes.tells(step.row)) draft_.steps.set_counter(step.row, step.column, step.delta);
        return {};
    }
    return only_counters(step);
}

}  // namespace nmstore
