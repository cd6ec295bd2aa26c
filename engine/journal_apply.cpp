#include "engine/journal_apply.h"

#include <algorithm>
#include <utility>

#include "engine/commit.h"
#include "engine/foreign_commit.h"
#include "engine/journal_positions.h"

namespace nmstore {

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

// In the year 2248: this hub's own stamps, which rise above it, have room.
constexpr std::uint64_t kMaxForeignStamp = std::uint64_t{1} << 63;

// Where the record was made first.
Result<JournalOrigin> origin_of(const JournalLink& link, const JournalRecordView& record) {
    NM_ASSIGN(const JournalReader reader, JournalReader::open(record.bytes));
    if (reader.stamp() > kMaxForeignStamp)
        return Error{Code::invalid_argument, "its time is beyond all that is possible"};
    const bool copied = link.stream.starts_with(kCopyStream);
    const ChangeNumber number = copied ? JournalOrigin::kOfCopy | record.number : record.number;
    if (reader.origin().empty()) return JournalOrigin{link.hub, number, reader.stamp()};
    return JournalOrigin{reader.origin(), reader.origin_number(), reader.stamp()};
}

// Whether a record that has come on this link is written here, or need not be.
Result<bool> is_known(const Core& core, const JournalLink& link, const JournalOrigin& origin) {
    if (origin.hub == core.hub_id) return true;
    if (origin.is_of_journal() && link.stream.empty()) {
        // A filter leaves gaps, so what came over such a link tells nothing of another one.
        NM_ASSIGN(const ChangeNumber done, read_origin_position(core, origin.hub));
        return origin.number < done;
    }
    if (!origin.is_of_copy() || link.stream.starts_with(kCopyStream)) return false;
    // Another hub's copy, which that one passes on to who has nothing else. It would put back what has come
    // here since on its own way, so who gets all from the hub that made the copy leaves it alone.
    NM_ASSIGN(const auto direct, read_position(core, {origin.hub, ""}));
    if (direct) return true;
    if (origin.number == JournalOrigin::kOfCopy || !link.stream.empty()) return false;
    NM_ASSIGN(const CopyPosition done, read_copy_position(core, origin.hub));
    return CopyPosition{origin.stamp, origin.number} < done;
}

}  // namespace

Result<AppliedJournal> apply_journal(Core& core, const JournalLink& link,
                                     const std::vector<JournalRecordView>& records, ChangeNumber end,
                                     std::string_view area, const Store::RefusedNotes& notes) {
    NM_TRY(check_link(link));
    const std::lock_guard turn(core.foreign_turn);
    NM_ASSIGN(const auto known, read_position(core, link));
    AppliedJournal out;
    out.position = known.value_or(0);
    std::optional<ChangeNumber> noted = known;  // with what was written, or before
    RefusedNoting noting(area, notes);
    // Visible one after the other, and durable all at once: the positions go with what was written.
    std::vector<Applied> applied;
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
        NM_ASSIGN(const bool known_here, is_known(core, link, *origin));
        if (known_here) {
            ++out.repeated;
            out.position = record.number + 1;
            continue;
        }
        ForeignCommit commit(core, link, record, *origin, noting);
        auto one = commit.apply(out.refused);
        if (!one.ok()) {
            outcome = one.error();
            break;
        }
        noting.applied(out.refused);
        applied.push_back(std::move(*one));
        ++out.records;
        out.position = record.number + 1;
        noted = out.position;
    }
    if (outcome.ok()) out.position = std::max(end, out.position);
    // Records that were known are passed over without a batch that would note it.
    if (outcome.ok() && noted != out.position) {
        const auto batch = core.database->new_batch();
        put_position(*batch, link, out.position);
        NM_TRY(noting.put(*batch, out.refused));
        NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
        NM_TRY(core.wait(ticket));
    }
    if (!applied.empty()) NM_TRY(core.wait_for_all());
    applied.clear();
    core.changes.trim();
    if (!outcome.ok()) return outcome.error();
    return out;
}

}  // namespace nmstore
