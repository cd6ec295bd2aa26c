#include "engine/batches.h"
#include "engine/changed_lines.h"
#include "engine/commit.h"
#include "engine/copy_reception.h"
#include "engine/damage_met.h"
#include "engine/family_changes.h"
#include "engine/file_mending.h"
#include "engine/journal_apply.h"
#include "engine/journal_copy.h"
#include "engine/journal_positions.h"
#include "engine/key.h"
#include "engine/line_cursor.h"
#include "engine/merged_lines.h"
#include "engine/notes.h"
#include "engine/opening.h"
#include "engine/own_counter.h"
#include "engine/record.h"
#include "engine/reindexing.h"
#include "engine/retention.h"
#include "engine/row_listing.h"
#include "engine/sealer.h"
#include "engine/slice.h"
#include "engine/stored_block.h"
#include "engine/upkeep.h"
#include "engine/verification.h"

namespace nmstore {
namespace {

class OpenStore final : public Store {
  public:
    explicit OpenStore(Opened opened)
        : lock_(std::move(opened.lock)), core_(std::move(opened.core)), sealer_(*core_), upkeep_(*core_) {
        if (!core_->read_only && core_->sealing.background) sealer_.start();
        if (!core_->read_only && core_->upkeep.background) upkeep_.start();
    }
    ~OpenStore() override { (void)close(); }

    Result<void> close() override {
        if (core_->closed.exchange(true)) return {};
        core_->changes.stop();
        upkeep_.stop();
        sealer_.stop();
        const Result<void> closed = core_->database->close();
        lock_.reset();
        return closed;
    }

    // ---- Families
    Result<void> create_family(std::string_view name, ValueType comparator) override {
        NM_TRY(core_->writable());
        return nmstore::create_family(*core_, name, comparator);
    }
    Result<void> drop_family(std::string_view name) override {
        NM_TRY(core_->writable());
        return nmstore::drop_family(*core_, name);
    }
    Result<FamilyInfo> family(std::string_view name) const override {
        NM_ASSIGN(const SchemaPtr found, schema(name));
        return found->info;
    }
    std::vector<FamilyInfo> families() const override {
        std::vector<FamilyInfo> out;
        for (const FamilyPtr& family : core_->families.all()) out.push_back(family->schema()->info);
        return out;
    }
    Result<void> declare_column(std::string_view family, std::string_view column, ValueType type,
                                std::optional<bool> indexed) override {
        NM_TRY(core_->writable());
        return nmstore::declare_column(*core_, family, column, type, indexed);
    }

    // ---- Writes
    Result<std::unique_ptr<CellBatch>> begin_cells(std::string_view family, bool count_entries) override {
        NM_TRY(core_->writable());
        NM_ASSIGN(FamilyPtr found, core_->families.get(family));
        if (count_entries && !found->schema()->info.is_time_family()) {
            return Error{Code::invalid_argument, "entries are counted in time families only"};
        }
        return new_cell_batch(*core_, std::move(found), count_entries);
    }
    std::unique_ptr<LineBatch> begin_lines() override { return new_line_batch(*core_); }
    std::unique_ptr<CounterBatch> begin_counters() override { return new_counter_batch(*core_); }

    Result<void> remove_row(std::string_view family, std::string_view row) override {
        return remove(family, row, [&](FamilyWrites& writes) { return writes.remove_row(row); });
    }
    Result<void> remove_cell(std::string_view family, std::string_view row,
                             std::string_view column) override {
        NM_ASSIGN(const SchemaPtr found, schema(family));
        NM_TRY(encode_sortable(found->info.comparator, column));
        return remove(family, row, [&](FamilyWrites& writes) { return writes.remove_cell(row, column); });
    }
    Result<void> remove_counters(std::string_view row, std::optional<std::string_view> column) override {
        NM_TRY(core_->writable());
        return nmstore::remove_counters(*core_, row, column);
    }

    // ---- Reads
    Result<Slice> slice(std::string_view family, std::string_view row,
                        const SliceRange& range) const override {
        NM_ASSIGN(const SchemaPtr found, schema(family));
        return read_slice(*core_, *found, row, range);
    }
    Result<std::optional<Cell>> get(std::string_view family, std::string_view row,
                                    std::string_view column) const override {
        NM_ASSIGN(const SchemaPtr found, schema(family));
        NM_TRY(encode_sortable(found->info.comparator, column));
        SliceRange range;
        range.from = range.to = std::string(column);
        range.limit = 1;
        NM_ASSIGN(Slice cells, read_slice(*core_, *found, row, range));
        if (cells.cells.empty()) return std::optional<Cell>();
        return std::optional<Cell>(std::move(cells.cells.front()));
    }
    Result<std::vector<std::string>> rows(std::string_view family, std::string_view from,
                                          std::string_view prefix, std::size_t limit) const override {
        NM_ASSIGN(const SchemaPtr found, schema(family));
        return list_rows(*core_, *found, from, prefix, limit);
    }
    Result<std::vector<std::string>> find_rows(std::string_view family, std::string_view column,
                                               std::string_view value, std::size_t limit) const override {
        NM_ASSIGN(const SchemaPtr found, schema(family));
        return find_rows_by_value(*core_, *found, column, value, limit);
    }
    Result<std::int64_t> counter(std::string_view row, std::string_view column) const override {
        NM_TRY(core_->usable());
        NM_ASSIGN(const auto bytes,
                  core_->database->get(kv::Space::counters, key::kUserCounters, key::counter(row, column)));
        if (!bytes) return std::int64_t{0};
        return record::parse_counter(*bytes);
    }
    Result<std::vector<Counter>> counters(std::string_view row, std::string_view from,
                                          std::size_t limit) const override {
        NM_TRY(core_->usable());
        return list_counters(*core_, row, from, limit);
    }
    Result<std::vector<std::string>> counter_rows(std::string_view from, std::string_view prefix,
                                                  std::size_t limit) const override {
        NM_TRY(core_->usable());
        return list_counter_rows(*core_, from, prefix, limit);
    }

    // ---- The searcher's view
    SnapshotPtr snapshot() const override {
        return core_->usable().ok() ? core_->database->snapshot() : nullptr;
    }
    Result<std::vector<LogRow>> log_rows(const RowSelection& selection,
                                         const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return list_log_rows(*core_, selection, snapshot);
    }
    Result<std::optional<LogRow>> log_row(RowId id, const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return find_log_row(*core_, id, snapshot);
    }
    Result<std::unique_ptr<LineCursor>> lines(const LogRow& row, const LineRange& range,
                                              const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return new_merged_cursor(*core_, row, range, snapshot);
    }
    Result<std::vector<BlockInfo>> blocks(const LogRow& row, const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return list_blocks(*core_, row.id, snapshot);
    }
    Result<std::unique_ptr<block::BlockReader>> open_block(const LogRow&, const BlockInfo& block,
                                                           const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return open_shared_block(*core_, block, snapshot);
    }
    Result<std::unique_ptr<LineCursor>> block_lines(const LogRow& row, const BlockInfo& block,
                                                    const LineRange& range,
                                                    const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return new_block_cursor(*core_, row, block, range, snapshot);
    }
    Result<std::unique_ptr<LineCursor>> fresh_lines(const LogRow& row, const LineRange& range,
                                                    const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return new_line_cursor(*core_, row, range, snapshot);
    }

    // ---- Changes
    ChangeRange changes() const override { return core_->changes.range(); }
    Result<std::vector<Change>> read_changes(ChangeNumber from, std::size_t max_bytes) const override {
        NM_TRY(core_->usable());
        return nmstore::read_changes(*core_, from, max_bytes);
    }
    ChangeNumber wait_for_change(ChangeNumber end, std::chrono::milliseconds patience) const override {
        return core_->changes.wait(end, patience);
    }
    Result<std::unique_ptr<LineCursor>> changed_lines(const Change& change, const ChangedRow& changed,
                                                      const LogRow& row,
                                                      const SnapshotPtr& snapshot) const override {
        NM_TRY(core_->usable());
        return new_changed_lines(*core_, change, changed, row, snapshot);
    }

    // ---- Journal
    const std::string& hub_id() const override { return core_->hub_id; }
    JournalRange journal() const override { return core_->changes.journal_range(); }
    Result<std::vector<JournalRecord>> read_journal(ChangeNumber from, std::size_t max_bytes) const override {
        NM_TRY(core_->usable());
        return nmstore::read_journal(*core_, from, max_bytes);
    }
    Result<std::uint64_t> journal_records(ChangeNumber from) const override {
        NM_TRY(core_->usable());
        return core_->changes.journal_records(from);
    }
    void forget_journal(ChangeNumber before) override {
        if (core_->writable().ok()) core_->changes.forget_journal(before);
    }
    Result<AppliedJournal> apply_journal(const JournalLink& link,
                                         const std::vector<JournalRecordView>& records, ChangeNumber end,
                                         std::string_view area, const RefusedNotes& notes,
                                         const JournalRights& rights) override {
        NM_TRY(core_->writable());
        return nmstore::apply_journal(*core_, link, records, end, area, notes, rights);
    }
    Result<std::optional<ChangeNumber>> journal_position(const JournalLink& link) const override {
        NM_TRY(core_->usable());
        return read_position(*core_, link);
    }
    Result<void> set_journal_position(const JournalLink& link,
                                      std::optional<ChangeNumber> position) override {
        NM_TRY(core_->writable());
        return set_journal_link(*core_, link, position);
    }
    Result<std::vector<IncomingCopy>> incoming_copies() const override {
        NM_TRY(core_->usable());
        return nmstore::incoming_copies(*core_);
    }
    Result<std::unique_ptr<JournalCopy>> copy_for_journal(const JournalFilter& wanted) override {
        NM_TRY(core_->writable());
        return new_journal_copy(*core_, wanted);
    }

    // ---- Notes
    Result<void> put_notes(std::string_view area, const std::vector<Note>& notes) override {
        NM_TRY(core_->writable());
        return nmstore::put_notes(*core_, area, notes);
    }
    Result<std::vector<Note>> notes(std::string_view area) const override {
        NM_TRY(core_->usable());
        return read_notes(*core_, area);
    }

    // ---- Maintenance
    StoreStats stats() const override;
    Result<void> seal(const Progress& progress) override {
        NM_TRY(core_->writable());
        return sealer_.seal_everything(progress);
    }
    Result<void> compact(const Progress& progress) override;
    Result<RetentionReport> retain(const RetentionPolicy& policy, bool dry_run,
                                   const Progress& progress) override {
        NM_TRY(dry_run ? core_->usable() : core_->writable());
        return apply_retention(*core_, policy, dry_run, progress);
    }
    Result<VerifyReport> verify(const Progress& progress) const override {
        NM_TRY(core_->usable());
        return verify_store(*core_, progress);
    }
    Result<ReindexReport> reindex(const ReindexRequest& request, const Progress& progress) override {
        return reindex_blocks(*core_, request, progress);
    }
    Result<BackupInfo> backup(const std::string& directory, const Progress& progress) override {
        NM_TRY(core_->usable());
        return core_->database->backup(directory, core_->clock.now_ms(), progress);
    }

  private:
    Result<SchemaPtr> schema(std::string_view family) const {
        NM_TRY(core_->usable());
        NM_ASSIGN(const FamilyPtr found, core_->families.get(family));
        return found->schema();
    }

    template <class Do>
    Result<void> remove(std::string_view family, std::string_view row, const Do& what) {
        NM_TRY(core_->writable());
        NM_ASSIGN(FamilyPtr found, core_->families.get(family));
        if (row.empty()) return Error{Code::invalid_argument, "the row key is empty"};
        NM_ASSIGN(const RowPtr there, core_->catalogue.find(found->id(), row));
        // What another hub has written of it, and has not told yet, is removed as well.
        if (there == nullptr && !core_->changes.keeps_journal()) return core_->wait_for_all();
        const auto batch = core_->database->new_batch();
        JournalDraft draft;
        FamilyWrites writes(*core_, *batch, std::move(found));
        writes.tell_journal(&draft);
        NM_TRY(what(writes));
        NM_ASSIGN(Applied applied, apply_writes(*core_, *batch, {&writes}, BatchKind::removal, {}, &draft));
        if (there != nullptr) core_->note_removed(there->id);
        return applied.ticket == 0 ? core_->wait_for_all() : wait_for(*core_, std::move(applied));
    }

    std::unique_ptr<OwnerLock> lock_;
    const std::unique_ptr<Core> core_;
    Sealer sealer_;
    Upkeep upkeep_;
};

StoreStats OpenStore::stats() const {
    StoreStats out;
    if (!core_->usable().ok()) {
        out.writable = false;
        out.why_not_writable = "the store is closed";
        return out;
    }
    const kv::DatabaseStats database = core_->database->stats();
    out.disk_bytes = database.disk_bytes;
    out.log_bytes = database.log_bytes;
    out.memory_bytes = database.memory_bytes;
    out.commits = database.commits;
    out.syncs = database.syncs;
    out.expired_dropped = database.expired_dropped;
    out.writable = database.writable && !core_->read_only;
    out.why_not_writable = core_->read_only ? "opened to be read only" : database.why_not_writable;
    out.rows = own_counter(*core_, key::kRowCount);
    out.blocks = own_counter(*core_, key::kBlockCount);
    out.block_lines = own_counter(*core_, key::kBlockLines);
    out.block_text_bytes = own_counter(*core_, key::kBlockText);
    out.block_stored_bytes = own_counter(*core_, key::kBlockBytes);
    out.cells_written = core_->activity.cells_written;
    out.lines_written = core_->activity.lines_written;
    out.lines_cut = core_->activity.lines_cut;
    out.counter_steps = core_->activity.counter_steps;
    out.commits_repeated = core_->activity.commits_repeated;
    core_->block_cache.tell(out);
    core_->word_index.tell(out);
    if (const auto bytes = core_->database->space_size(kv::Space::words); bytes.ok())
        out.index_bytes = *bytes;
    sealer_.tell(out);
    out.rows_dropped_by_age = core_->activity.rows_dropped_by_age;
    out.rows_dropped_by_bytes = core_->activity.rows_dropped_by_bytes;
    out.bytes_dropped = core_->activity.bytes_dropped;
    out.files_dropped = database.files_dropped;
    out.expired_blocks_dropped = core_->activity.expired_blocks_dropped;
    out.expired_blocks_rewritten = core_->activity.expired_blocks_rewritten;
    out.rows_compacted = core_->activity.rows_compacted;
    out.blocks_compacted = core_->activity.blocks_compacted;
    out.upkeep_failures = core_->activity.upkeep_failures;
    out.disk_free_bytes = database.disk_free_bytes;
    out.ballast_bytes = database.ballast_bytes;
    out.ballast_given_up = database.ballast_given_up;
    out.damage_seen = database.damage_seen;
    out.damaged_files = database.damaged_files;
    return out;
}

// What a compaction could not do.
Error damage_left(const std::vector<std::string>& files, const DamageMet& damage) {
    std::string named;
    const std::vector<std::string>& all = files.empty() ? damage.named() : files;
    for (const std::string& one : all) named += (named.empty() ? "" : ", ") + one;
    return {Code::corruption, "compacted, but for what is damaged: " + named +
                                  "; \"nm-tool verify\" names the rows that are hurt"};
}

Result<void> OpenStore::compact(const Progress& progress) {
    NM_TRY(core_->writable());
    const std::unique_lock running(core_->compaction, std::try_to_lock);
    if (!running.owns_lock()) return Error{Code::busy, "a compaction is running already"};
    for (bool again = false;; again = true) {
        DamageMet damage;
        NM_TRY(sealer_.compact_blocks(progress, damage));
        NM_TRY(damage.pass(core_->database->compact(progress)));
        kv::MendedFiles mended;
        if (damage.times() != 0) {
            NM_ASSIGN(mended, mend_damaged_files(*core_, progress));
        }
        if (mended.gone != 0 && !again) continue;  // what stood in the way has gone
        NM_TRY(remove_empty_rows(*core_, progress));
        if (damage.times() == 0) return {};
        return damage_left(mended.left, damage);
    }
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
    NM_ASSIGN(Opened opened, open_core(options));
    return std::unique_ptr<Store>(std::make_unique<OpenStore>(std::move(opened)));
}

}  // namespace nmstore
