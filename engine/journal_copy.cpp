#include "engine/journal_copy.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/cell_blocks.h"
#include "engine/copy_reception.h"
#include "engine/journal_positions.h"
#include "engine/journal_record.h"
#include "engine/journal_removals.h"
#include "engine/key.h"
#include "engine/merged_lines.h"
#include "engine/own_counter.h"
#include "engine/record.h"
#include "engine/row_listing.h"
#include "engine/slice.h"
#include "engine/source_marks.h"
#include "engine/stored_block.h"
#include "engine/write_stamps.h"

namespace nmstore {
namespace {

// What one row holds, a part at a time: its cells, then its lines.
class RowContent {
  public:
    RowContent(const Core& core, const Schema& schema, record::Row row, std::string key, SnapshotPtr snapshot)
        : core_(core),
          schema_(schema),
          row_(row),
          display_(row.display),
          key_(std::move(key)),
          snapshot_(std::move(snapshot)),
          records_(core, schema.space(), row.id, "", "", false, snapshot_) {}

    // Adds steps until there are so many bytes; false: that was all.
    Result<bool> add(JournalSteps& steps, std::size_t max_bytes) {
        if (!began_) {
            began_ = true;
            steps.turn_to(schema_.info, key_);
            steps.remove_row();
        }
        const bool timed = schema_.info.is_time_family();
        while (phase_ == Phase::records) {
            if (steps.size() >= max_bytes) return true;
            NM_ASSIGN(const bool found, records_.next());
            if (!found) {
                NM_TRY(begin_sealed(timed));
            } else if (!records_.entry().is_line) {
                steps.turn_to(schema_.info, key_);
                if (!timed) NM_TRY(add_stamp(steps, records_.key()));
                steps.put_cell(records_.key(), records_.entry().expires_at_ms, false, records_.entry().value);
            }
        }
        while (phase_ == Phase::sealed) {
            if (steps.size() >= max_bytes) return true;
            NM_ASSIGN(const bool found, sealed_->next());
            if (!found) {
                NM_TRY(begin_lines());
                break;
            }
            NM_ASSIGN(const std::string_view value, sealed_->value());
            steps.turn_to(schema_.info, key_);
            steps.put_cell(key::entry(sealed_->time_ms(), 0), sealed_->expires_at_ms(), false, value);
        }
        while (phase_ == Phase::lines) {
            if (steps.size() >= max_bytes) return true;
            NM_ASSIGN(const bool found, lines_->next());
            if (!found) break;
            const Line& line = lines_->line();
            if (line.id.sequence == 0) continue;  // of a cell, which is there already
            steps.turn_to(schema_.info, key_);
            steps.display(display_);
            steps.line(line.id.time_ms, line.text, line.fields);
        }
        return false;
    }

  private:
    // So that at the target a later write of another hub wins, and an earlier one does not. Of a time's cell
    // there is one writer.
    Result<void> add_stamp(JournalSteps& steps, std::string_view sortable_column) {
        if (stamp_key_.empty()) stamp_key_ = write_stamps::row_key(schema_.info.name, key_);
        NM_ASSIGN(const auto stamp,
                  write_stamps::get(*core_.database, write_stamps::cell_key(stamp_key_, sortable_column)));
        if (stamp) steps.written(stamp->stamp, stamp->hub);
        return {};
    }

    enum class Phase { records, sealed, lines, done };

    Result<void> begin_sealed(bool timed) {
        if (!timed) {
            phase_ = Phase::done;
            return {};
        }
        NM_ASSIGN(auto blocks, list_blocks(core_, row_.id, snapshot_));
        sealed_.emplace(core_, std::move(blocks), BlockRange{}, snapshot_);
        phase_ = Phase::sealed;
        return {};
    }
    Result<void> begin_lines() {
        NM_ASSIGN(log_row_, find_log_row(core_, row_.id, snapshot_));
        if (!log_row_) {
            phase_ = Phase::done;
            return {};
        }
        LineRange range;
        range.order = Order::ascending;
        NM_ASSIGN(lines_, new_merged_cursor(core_, *log_row_, range, snapshot_));
        phase_ = Phase::lines;
        return {};
    }

    const Core& core_;
    const Schema& schema_;
    const record::Row row_;
    const std::string display_;
    const std::string key_;
    std::string stamp_key_;  // see engine/write_stamps.h
    const SnapshotPtr snapshot_;
    bool began_ = false;
    Phase phase_ = Phase::records;
    RecordWalk records_;
    std::optional<CellsInBlocks> sealed_;
    std::optional<LogRow> log_row_;
    std::unique_ptr<LineCursor> lines_;
};

// Of two hubs that copy to each other at the same moment each would be half of the other before long, and
// none could begin anew. So a hub takes no copy while its own is to begin, and makes none while another one
// comes.
class ToBegin {
  public:
    explicit ToBegin(Core& core) : core_(core) { ++core_.copies_to_begin; }
    ~ToBegin() { --core_.copies_to_begin; }
    ToBegin(const ToBegin&) = delete;
    ToBegin& operator=(const ToBegin&) = delete;

  private:
    Core& core_;
};

class CopyOfStore final : public JournalCopy {
  public:
    // core.foreign_turn must be held.
    CopyOfStore(Core& core, JournalFilter wanted) : core_(core), wanted_(std::move(wanted)), to_begin_(core) {
        // Whoever creates or drops one tells the journal first.
        const std::lock_guard families(core.families.changes());
        const auto alone = core.changes.pass_alone();
        at_ = core.changes.journal_end();
        stamp_ = core.changes.next_stamp();
        snapshot_ = core.database->snapshot();
        for (const FamilyPtr& family : core.families.all()) families_.push_back(family->schema());
        rows_total_ = own_counter(core, key::kRowCount);
        if (wanted_)
            removed_.emplace(
                core, at_, families_, snapshot_,
                [this](std::string_view family, std::string_view row) { return wants(family, row); });
    }

    ChangeNumber at() const override { return at_; }
    std::uint64_t rows_done() const override { return rows_done_; }
    std::uint64_t rows_total() const override { return rows_total_; }

    Result<std::optional<JournalRecord>> next(std::size_t max_bytes) override {
        JournalSteps steps;
        if (number_ == 1) to_begin_.reset();
        if (number_ == 0) {
            NM_TRY(add_cut(steps));
            NM_TRY(add_sources(steps));
            add_families(steps);
        }
        if (steps.empty() && removed_) NM_TRY(removed_->add(steps, max_bytes));
        if (!steps.empty())
            return std::optional(JournalRecord{++number_, format_journal_record(stamp_, nullptr, steps)});
        // Steps of counters stand between all other commits, so they have records of their own.
        while (family_ < families_.size() && steps.size() < max_bytes) NM_TRY(add_rows(steps, max_bytes));
        if (steps.empty() && !declared_) add_declarations(steps);
        if (steps.empty()) NM_TRY(add_counters(steps, max_bytes));
        if (steps.empty()) return std::optional<JournalRecord>();
        return std::optional(JournalRecord{++number_, format_journal_record(stamp_, nullptr, steps)});
    }

  private:
    bool wants(std::string_view family, std::string_view row) const {
        return !core_.changes.is_own(family, row) && (!wanted_ || wanted_(family, row));
    }

    void add_families(JournalSteps& steps) {
        std::string before;
        for (const SchemaPtr& schema : families_) {
            if (wanted_ && !wanted_(schema->info.name, "")) continue;
            if (!wanted_) steps.only_families(before, schema->info.name);
            before = schema->info.name;
            steps.create_family(schema->info.name, schema->info.comparator);
        }
        if (!wanted_) steps.only_families(before, "");
    }

    // Behind the values: there may be some, older than their column's type, that do not fit it.
    void add_declarations(JournalSteps& steps) {
        declared_ = true;
        for (const SchemaPtr& schema : families_) {
            if (wanted_ && !wanted_(schema->info.name, "")) continue;
            for (const ColumnInfo& column : schema->info.columns)
                steps.declare_column(schema->info.name, column.name, column.type, column.indexed);
        }
    }

    // What has come here so far is in the copy, and need not come to the target on another way.
    Result<void> add_cut(JournalSteps& steps) const {
        NM_ASSIGN(const auto links, read_links(core_, snapshot_));
        NM_ASSIGN(auto reached, read_origin_positions(core_, snapshot_));
        NM_ASSIGN(auto filtered, read_passed_positions(core_, snapshot_));
        for (const auto& [link, position] : links) {
            if (link.stream.starts_with(kCopyStream)) continue;
            // How far a hub's own records are known that come here itself, may be told by records of others.
            auto& place = link.stream.empty() ? reached[link.hub] : filtered[link.hub];
            place = std::max(place, position);
        }
        steps.begin_copy(static_cast<bool>(wanted_));
        reached[core_.hub_id] = at_;
        for (const auto& [hub, position] : reached) steps.cut(hub, position);
        for (const auto& [hub, position] : filtered) steps.cut_filtered(hub, position);
        return {};
    }

    // Apart from their lines, of which a target would think that it has them.
    Result<void> add_sources(JournalSteps& steps) const {
        // Where only some lines are sent, a batch is not known there.
        if (!wants(kTimeFamily, "*")) return {};
        const auto sources = core_.database->cursor(kv::Space::meta, key::kOrigins, snapshot_);
        for (sources->seek_first(); sources->valid(); sources->next()) {
            NM_ASSIGN(const SourceMarks marks, SourceMarks::parse(sources->value()));
            steps.sources(sources->key(), marks.format());
        }
        return sources->status();
    }

    // Goes on with the present family, until there are so many bytes or it has ended.
    Result<void> add_rows(JournalSteps& steps, std::size_t max_bytes) {
        const Schema& schema = *families_[family_];
        if (rows_ == nullptr) {
            rows_ = core_.database->cursor(kv::Space::catalogue, key::rows_of_family(schema.info.id),
                                           snapshot_, true);
            rows_->seek_first();
            before_.clear();
        }
        for (; rows_->valid(); rows_->next()) {
            if (content_ == nullptr) {
                std::string key(rows_->key());
                if (!wanted_) steps.only_rows(schema.info, before_, key);  // nothing is in between
                before_ = key;
                if (!wants(schema.info.name, key)) continue;
                NM_ASSIGN(const record::Row row, record::parse_row(rows_->value()));
                content_ = std::make_unique<RowContent>(core_, schema, row, std::move(key), snapshot_);
            }
            NM_ASSIGN(const bool more, content_->add(steps, max_bytes));
            if (more) return {};
            content_.reset();
            ++rows_done_;
        }
        NM_TRY(rows_->status());
        if (!wanted_) steps.only_rows(schema.info, before_, "");
        rows_.reset();
        ++family_;
        return {};
    }

    Result<void> add_counters(JournalSteps& steps, std::size_t max_bytes) {
        if (counters_ended_) return {};
        if (counters_ == nullptr) {
            counters_ = core_.database->cursor(kv::Space::counters, key::kUserCounters, snapshot_, true);
            counters_->seek_first();
            before_.clear();
        }
        for (; counters_->valid(); counters_->next()) {
            if (steps.size() >= max_bytes) return {};
            NM_ASSIGN(const key::Counter counter, key::parse_counter(counters_->key()));
            if (counter.row != before_) {
                if (!wanted_) steps.only_counters(before_, counter.row);
                before_ = counter.row;
                if (wants("", counter.row)) steps.counters_of(counter.row);
            }
            if (!wants("", counter.row)) continue;
            NM_ASSIGN(const std::int64_t value, record::parse_counter(counters_->value()));
            steps.set_counter(counter.row, counter.column, value);
        }
        NM_TRY(counters_->status());
        if (!wanted_) steps.only_counters(before_, "");
        steps.end_copy();
        counters_ended_ = true;
        return {};
    }

    Core& core_;
    const JournalFilter wanted_;
    std::optional<ToBegin> to_begin_;
    ChangeNumber at_ = 0;
    std::uint64_t stamp_ = 0;
    SnapshotPtr snapshot_;
    std::vector<SchemaPtr> families_;
    std::optional<JournalRemovals> removed_;  // of a copy of some rows
    std::uint64_t number_ = 0;
    std::size_t family_ = 0;
    std::string before_;  // the row before
    std::unique_ptr<kv::Cursor> rows_, counters_;
    std::unique_ptr<RowContent> content_;
    bool declared_ = false;
    bool counters_ended_ = false;
    std::uint64_t rows_done_ = 0;
    std::uint64_t rows_total_ = 0;
};

}  // namespace

Result<std::unique_ptr<JournalCopy>> new_journal_copy(Core& core, const JournalFilter& wanted) {
    if (!core.changes.keeps_journal())
        return Error{Code::conflict, "no journal is kept, so that a copy could not be gone on with"};
    // What the other has brought is not all here yet, though its cut has said that it is known. None begins
    // before this one is cut.
    const std::lock_guard turn(core.foreign_turn);
    NM_ASSIGN(const std::vector<IncomingCopy> coming, incoming_copies(core));
    if (!coming.empty())
        return Error{Code::busy,
                     "a full copy of the hub " + coming.front().hub + " has not all come here yet"};
    return std::unique_ptr<JournalCopy>(std::make_unique<CopyOfStore>(core, wanted));
}

}  // namespace nmstore
