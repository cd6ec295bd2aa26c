#include "engine/journal_removals.h"

#include <algorithm>
#include <utility>

#include "engine/journal_apply.h"
#include "engine/key.h"
#include "engine/write_stamps.h"

namespace nmstore {
namespace {

using Kind = JournalStep::Kind;

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kMostAsked = 100'000;

}  // namespace

JournalRemovals::JournalRemovals(const Core& core, ChangeNumber end, const std::vector<SchemaPtr>& families,
                                 SnapshotPtr snapshot, Wants wants)
    : core_(core), end_(end), families_(families), snapshot_(std::move(snapshot)), wants_(std::move(wants)) {}

JournalRemovals::~JournalRemovals() = default;

Result<void> JournalRemovals::add(JournalSteps& steps, std::size_t max_bytes) {
    while (!ended_ && steps.size() < max_bytes) {
        if (core_.closed.load(std::memory_order_acquire))
            return Error{Code::unavailable, "the store is closed"};
        auto records = read_journal(core_, from_, kReadBytes);
        // A copy is how one gets over a journal that is damaged.
        if (!records.ok() && records.error().code != Code::corruption) return records.error();
        ended_ = !records.ok() || records->empty();
        if (ended_) break;
        for (const JournalRecord& record : *records) {
            from_ = record.number + 1;
            ended_ = from_ > end_;
            if (ended_) break;
            const Result<void> added = add_of(record, steps);
            if (!added.ok() && added.error().code != Code::corruption) return added;
        }
    }
    return {};
}

Result<void> JournalRemovals::add_of(const JournalRecord& record, JournalSteps& steps) {
    NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
    JournalStep step;
    for (;;) {
        NM_ASSIGN(const bool more, reader.next(step));
        if (!more) return {};
        switch (step.kind) {
            case Kind::remove_row:
            case Kind::remove_cell:  // it may have been its row's last one
                NM_TRY(add_of_row(reader, step, steps));
                break;
            case Kind::remove_counters:
                NM_TRY(add_counters(step, steps));
                break;
            case Kind::drop_family:
                add_family(step, steps);
                break;
            default:
                break;
        }
    }
}

bool JournalRemovals::is_new(const JournalStep& removal) {
    if (asked_.size() >= kMostAsked) asked_.clear();
    const std::string row = write_stamps::row_key(removal.family, removal.row);
    const bool of_cell = removal.kind == Kind::remove_cell;
    return asked_.insert(of_cell ? write_stamps::cell_key(row, removal.column) : row).second;
}

const Schema* JournalRemovals::find(std::string_view family) const {
    const auto found = std::find_if(families_.begin(), families_.end(),
                                    [&](const SchemaPtr& schema) { return schema->info.name == family; });
    return found == families_.end() ? nullptr : found->get();
}

Result<void> JournalRemovals::add_of_row(const JournalReader& reader, const JournalStep& removal,
                                         JournalSteps& steps) {
    if (!wants_(removal.family, removal.row) || !is_new(removal)) return {};
    const Schema* const schema = find(removal.family);
    if (schema == nullptr) return {};
    auto& rows = rows_[schema->info.id];
    if (rows == nullptr)
        rows = core_.database->cursor(kv::Space::catalogue, key::rows_of_family(schema->info.id), snapshot_);
    rows->seek(removal.row);
    NM_TRY(rows->status());
    if (rows->valid() && rows->key() == removal.row) return {};
    steps.turn_to(schema->info, removal.row);
    // Without a word of the journal a row may be gone by retention, which is each hub's own.
    if (removal.kind == Kind::remove_row) {
        steps.remove_row();
    } else {
        steps.remove_cell(reader.sortable_column());
    }
    return {};
}

Result<void> JournalRemovals::add_counters(const JournalStep& removal, JournalSteps& steps) {
    if (!wants_("", removal.row) || !is_new(removal)) return {};
    if (counters_ == nullptr)
        counters_ = core_.database->cursor(kv::Space::counters, key::kUserCounters, snapshot_);
    counters_->seek(key::counter(removal.row, ""));
    NM_TRY(counters_->status());
    if (counters_->valid()) {
        NM_ASSIGN(const key::Counter next, key::parse_counter(counters_->key()));
        if (next.row == removal.row) return {};
    }
    steps.counters_of(removal.row);
    return {};
}

void JournalRemovals::add_family(const JournalStep& removal, JournalSteps& steps) {
    if (!wants_(removal.family, "*") || find(removal.family) != nullptr) return;
    if (is_new(removal)) steps.drop_family(removal.family);
}

}  // namespace nmstore
