#include "engine/journal_apply.h"

#include <algorithm>
#include <utility>

#include "engine/commit.h"
#include "engine/copy_retelling.h"
#include "engine/foreign_commit.h"
#include "engine/journal_positions.h"
#include "engine/write_stamps.h"

namespace nmstore {

constexpr std::int64_t kLongestTurnMs = 1'000;  // of a call that writes more than one record

Result<std::vector<JournalRecord>> read_journal(const Core& core, ChangeNumber from, std::size_t max_bytes) {
    std::vector<JournalRecord> out;
    std::size_t bytes = 0;
    NM_TRY(core.changes.read_journal(from, [&](ChangeNumber number, std::string_view record) {
        out.push_back({number, std::string(record)});
        bytes += record.size();
        return bytes < max_bytes;
    }));
    return out;
}

namespace {

// Where the record was made first.
Result<JournalOrigin> origin_of(const JournalLink& link, const JournalRecordView& record) {
    NM_ASSIGN(const JournalReader reader, JournalReader::open(record.bytes));
    if (reader.stamp() > write_stamps::kMaxForeign)
        return Error{Code::invalid_argument, "its time is beyond all that is possible"};
    const bool copied = link.stream.starts_with(kCopyStream);
    const ChangeNumber number = copied ? JournalOrigin::kOfCopy | record.number : record.number;
    if (reader.origin().empty()) return JournalOrigin{link.hub, number, reader.stamp()};
    return JournalOrigin{reader.origin(), reader.origin_number(), reader.stamp()};
}

// Of a record of a copy: what decides whether it is taken.
struct CopyRecord {
    bool retold = false;
    bool begins = false;
    bool in_part = false;
    CopyCut cut{};
};
Result<CopyRecord> read_copy_record(const JournalRecordView& record) {
    using Kind = JournalStep::Kind;
    CopyRecord out;
    NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
    JournalStep step;
    // These steps stand before all others.
    for (auto more = reader.next(step); more.ok() && *more; more = reader.next(step)) {
        if (step.kind == Kind::retold) out.retold = true;
        if (step.kind == Kind::begin_copy) {
            out.begins = true;
            out.in_part = (step.sequence & 2) != 0;
        }
        if (!out.cut.take_place(step) && step.kind != Kind::begin_copy) break;
    }
    return out;
}

Result<bool> knows_all_of(const Core& core, const CopyCut& cut) {
    for (const auto& [hub, number] : cut.reached) {
        if (hub == core.hub_id) continue;
        NM_ASSIGN(const ChangeNumber done, read_origin_position(core, hub));
        if (done < number) return false;
    }
    return true;
}

// Whether a record of another hub's copy is passed over that comes by way of a third one, which passes it on
// to those who may have nothing else.
Result<bool> is_copy_left_alone(const Core& core, const JournalLink& link, const JournalRecordView& record,
                                const JournalOrigin& origin) {
    NM_ASSIGN(const CopyRecord read, read_copy_record(record));
    // Whoever keeps a journal has all of it himself, and writes it again himself.
    if (read.retold && link.stream.empty() && core.changes.keeps_journal()) return true;
    NM_ASSIGN(const auto direct, read_position(core, {origin.hub, ""}));
    NM_ASSIGN(const bool is_copied, has_copy_link(core, origin.hub));
    NM_ASSIGN(const auto reception, read_reception(core, origin.hub));
    // One that was begun and is not to end has left rows behind that the next one has to bring.
    const bool taken = reception && (reception->stamp == origin.stamp || (read.begins && !is_copied));
    if ((direct || is_copied) && !taken) {
        // It has the same from that hub itself, once it knows what is in the copy. Until then what the third
        // one sends next would leave a gap behind it.
        if (!read.begins) return true;
        NM_ASSIGN(const bool known, knows_all_of(core, read.cut));
        if (known) return true;
        if (is_copied) NM_TRY(check_no_copy(core, origin.hub));
        if (!core.changes.keeps_journal())
            return Error{Code::busy,
                         "waits for what the hub " + origin.hub + " has written before a copy of it"};
    }
    if (origin.number == JournalOrigin::kOfCopy || !link.stream.empty()) return false;
    NM_ASSIGN(const CopyPosition done, read_copy_position(core, origin.hub));
    return CopyPosition{origin.stamp, origin.number} < done;
}

// Whether a record that has come on this link is written here, or need not be.
Result<bool> is_known(const Core& core, const JournalLink& link, const JournalRecordView& record,
                      const JournalOrigin& origin) {
    if (origin.hub == core.hub_id) return true;
    if (origin.is_of_journal()) {
        NM_ASSIGN(const ChangeNumber done, read_origin_position(core, origin.hub));
        if (origin.number_there() < done) return true;
        // A filter leaves gaps, so what has come through one tells nothing of other ways but those with the
        // same filter. That is enough for nothing to go round.
        if (origin.hub == link.hub || (link.stream.empty() && !origin.is_filtered())) return false;
        if (!link.stream.empty()) {
            NM_ASSIGN(const auto own, read_position(core, {origin.hub, link.stream}));
            if (own && origin.number_there() < *own) return true;
        }
        NM_ASSIGN(const ChangeNumber passed, read_passed_position(core, origin, link));
        return origin.number_there() < passed;
    }
    if (!origin.is_of_copy() || link.stream.starts_with(kCopyStream)) return false;
    return is_copy_left_alone(core, link, record, origin);
}

// busy: of a record that is the beginning of a copy, and cannot be taken now.
Result<void> check_beginning(Core& core, const JournalLink& link, const JournalRecordView& record,
                             const JournalOrigin& origin) {
    if (!origin.is_of_copy()) return {};
    NM_ASSIGN(const CopyRecord read, read_copy_record(record));
    if (!read.begins) return {};
    if (core.copies_to_begin > 0)
        return Error{Code::busy, "this hub makes a full copy of itself, which has still to begin"};
    return check_known_at_cut(core, {origin.hub, link.hub, read.in_part}, read.cut);
}

Result<void> prepare_copy(Core& core, const JournalLink& link, ChangeNumber end) {
    const auto batch = core.database->new_batch();
    NM_TRY(prepare_reception(core, *batch, link.hub));
    put_position(*batch, link, end);
    NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
    return core.wait(ticket);
}

// Of a copy whose beginning is not taken: its maker prepares the next one anew, and others may come first.
Result<void> give_up_prepared(Core& core, const JournalLink& link) {
    NM_ASSIGN(const auto reception, read_reception(core, link.hub));
    if (!reception || reception->stamp != 0) return {};
    const auto batch = core.database->new_batch();
    remove_reception(*batch, link.hub);
    NM_TRY(forget_copy_links(core, *batch, link.hub));
    NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
    return core.wait(ticket);
}

}  // namespace

Result<AppliedJournal> apply_journal(Core& core, const JournalLink& link,
                                     const std::vector<JournalRecordView>& records, ChangeNumber end,
                                     std::string_view area, const Store::RefusedNotes& notes,
                                     const JournalRights& rights) {
    NM_TRY(check_link(link));
    const std::lock_guard turn(core.foreign_turn);
    NM_ASSIGN(const Retelling cut_off, retell(core));
    NM_ASSIGN(const auto known, read_position(core, link));
    if (!known && link.stream.starts_with(kCopyStream)) {
        NM_TRY(check_no_other_copy(core, link.hub));
        if (records.empty() && core.changes.keeps_journal()) NM_TRY(prepare_copy(core, link, end));
    }
    AppliedJournal out;
    out.position = known.value_or(0);
    std::optional<ChangeNumber> noted = known;  // with what was written, or before
    RefusedNoting noting(area, notes);
    RefusedSteps refused;
    const std::int64_t began_ms = core.clock.elapsed_ms();
    bool in_part = false;
    // Visible one after the other, and durable all at once: the positions go with what was written.
    std::vector<Applied> applied;
    bool any_copied = false;
    Result<void> outcome;
    for (const JournalRecordView& record : records) {
        if (record.number < out.position) {
            ++out.repeated;
            continue;
        }
        const auto origin = origin_of(link, record);
        if (!origin.ok()) {
            outcome = Error{Code::invalid_argument, "record " + std::to_string(record.number) +
                                                        " of the journal: " + origin.error().message};
            break;
        }
        const auto known_here = is_known(core, link, record, *origin);
        if (!known_here.ok()) {
            outcome = known_here.error();
            break;
        }
        if (*known_here) {
            ++out.repeated;
            out.position = record.number + 1;
            continue;
        }
        outcome = check_beginning(core, link, record, *origin);
        if (!outcome.ok()) break;
        ForeignCommit commit(core, {link, record, *origin, rights}, noting);
        auto one = commit.apply(refused);
        if (!one.ok()) {
            outcome = one.error();
            break;
        }
        noting.applied(refused);
        applied.push_back(std::move(*one));
        any_copied = any_copied || origin->is_of_copy();
        ++out.records;
        out.position = record.number + 1;
        noted = out.position;
        in_part = core.clock.elapsed_ms() - began_ms >= kLongestTurnMs && &record != &records.back();
        if (in_part) break;
    }
    if (outcome.ok() && !in_part) out.position = std::max(end, out.position);
    // Records that were known are passed over without a batch that would note it.
    if (outcome.ok() && noted != out.position) {
        const auto batch = core.database->new_batch();
        put_position(*batch, link, out.position);
        NM_TRY(noting.put(*batch, refused));
        NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
        NM_TRY(core.wait(ticket));
    }
    if (!outcome.ok() && link.stream.starts_with(kCopyStream)) NM_TRY(give_up_prepared(core, link));
    if (!applied.empty()) NM_TRY(core.wait_for_all());
    applied.clear();
    const Retelling nothing;
    NM_ASSIGN(const Retelling retelling, any_copied ? retell(core) : nothing);
    out.retold = cut_off.records + retelling.records;
    out.retold_in_part = cut_off.in_part || retelling.in_part;
    core.changes.trim();
    if (!outcome.ok()) return outcome.error();
    refused.move_to(out);
    return out;
}

Result<void> set_journal_link(Core& core, const JournalLink& link, std::optional<ChangeNumber> position) {
    const std::lock_guard turn(core.foreign_turn);
    const bool forgets = !position && !link.stream.starts_with(kCopyStream);
    if (forgets) {
        // Perhaps it is said once more of a copy that was given up: what is here is to count as whole.
        const auto batch = core.database->new_batch();
        remove_given_up(*batch, link.hub);
        NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
        NM_TRY(core.wait(ticket));
    }
    NM_TRY(retell(core, forgets ? std::string_view(link.hub) : std::string_view()));
    return set_position(core, link, position);
}

}  // namespace nmstore
