// A Store of plain maps, for tests of what runs over a store: small, obvious, and it tells which rows were
// opened. Lines are given as such; cells of time families make none. What no test here asks is unsupported.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <unordered_map>
#include <utility>

#include "nmstore/store.h"

namespace nmstore::testing {

class MemoryStore : public Store {
  public:
    MemoryStore() {
        NM_CHECK(create_family(kIndexFamily, ValueType::utf8).ok());
        NM_CHECK(create_family(kTimeFamily, ValueType::long_).ok());
    }

    // ---- For tests ----
    LineId add_line(const std::string& client, const std::string& log, std::int64_t time_ms,
                    const std::string& text, const std::string& fields = "", RowKind kind = RowKind::logs) {
        return add(client, log, time_ms, ++sequence_, text, fields, kind);
    }
    // A line of a posted cell, which has the first id of its time.
    LineId add_cell_line(const std::string& client, const std::string& log, std::int64_t time_ms,
                         const std::string& text) {
        return add(client, log, time_ms, 0, text, "", RowKind::logs);
    }
    void put(const std::string& family, const std::string& row, const std::string& column,
             const std::string& value) {
        auto batch = begin_cells(family);
        NM_CHECK(batch.ok() && batch.value()->put(row, column, value).ok() && batch.value()->commit().ok());
    }
    // Rows that do not know their times better than this.
    void widen_bounds(std::int64_t step_ms) {
        for (LogRow& row : rows_) {
            row.min_time_ms -= row.min_time_ms % step_ms;
            row.max_time_ms += step_ms - 1 - row.max_time_ms % step_ms;
        }
    }
    mutable std::atomic<std::size_t> rows_opened{0};  // a query reads on several threads
    bool fail_commit = false;
    std::function<void()> on_slice;  // called before every slice

    // ---- Store ----
    Result<void> close() override { return {}; }

    Result<void> create_family(std::string_view name, ValueType comparator) override {
        Family& family = families_[std::string(name)];
        if (!family.info.name.empty() && family.info.comparator != comparator)
            return Error{Code::conflict, "other comparator"};
        family.info.name = name;
        family.info.comparator = comparator;
        return {};
    }
    Result<void> drop_family(std::string_view name) override {
        families_.erase(std::string(name));
        return {};
    }
    Result<FamilyInfo> family(std::string_view name) const override {
        NM_ASSIGN(const Family* family, find(name));
        return family->info;
    }
    std::vector<FamilyInfo> families() const override {
        std::vector<FamilyInfo> all;
        for (const auto& [name, family] : families_) all.push_back(family.info);
        return all;
    }
    Result<void> declare_column(std::string_view family, std::string_view column, ValueType type,
                                std::optional<bool> indexed) override {
        families_.at(std::string(family))
            .info.columns.push_back({std::string(column), type, indexed.value_or(false)});
        return {};
    }

    Result<std::unique_ptr<CellBatch>> begin_cells(std::string_view family, bool = false) override {
        NM_TRY(find(family));
        return std::unique_ptr<CellBatch>(new Batch(*this, std::string(family)));
    }
    std::unique_ptr<LineBatch> begin_lines() override { return nullptr; }
    std::unique_ptr<CounterBatch> begin_counters() override { return nullptr; }
    Result<void> remove_row(std::string_view family, std::string_view row) override {
        families_.at(std::string(family)).rows.erase(std::string(row));
        return {};
    }
    Result<void> remove_cell(std::string_view, std::string_view, std::string_view) override {
        return kUnsupported;
    }
    Result<void> remove_counters(std::string_view, std::optional<std::string_view>) override {
        return kUnsupported;
    }

    Result<Slice> slice(std::string_view family_name, std::string_view row,
                        const SliceRange& range) const override {
        if (on_slice) on_slice();
        NM_ASSIGN(const Family* family, find(family_name));
        Slice slice;
        const auto cells = family->rows.find(std::string(row));
        if (cells == family->rows.end()) return slice;
        std::optional<std::string> low, high;
        if (range.from) {
            NM_ASSIGN(low, encode_sortable(family->info.comparator, *range.from));
        }
        if (range.to) {
            NM_ASSIGN(high, encode_sortable(family->info.comparator, *range.to));
        }
        if (range.reversed) std::swap(low, high);
        std::vector<Cell> found;
        for (const auto& [key, cell] : cells->second)
            if ((!low || key >= *low) && (!high || key <= *high)) found.push_back(cell);
        if (range.reversed) std::reverse(found.begin(), found.end());
        slice.more = found.size() > range.limit;
        found.resize(std::min(found.size(), range.limit));
        slice.cells = std::move(found);
        return slice;
    }
    Result<std::optional<Cell>> get(std::string_view family, std::string_view row,
                                    std::string_view column) const override {
        NM_ASSIGN(Slice one, slice(family, row, {std::string(column), std::string(column), false, 1}));
        if (one.cells.empty()) return std::optional<Cell>();
        return std::optional<Cell>(std::move(one.cells.front()));
    }
    Result<std::vector<std::string>> rows(std::string_view family_name, std::string_view from,
                                          std::string_view prefix, std::size_t limit) const override {
        NM_ASSIGN(const Family* family, find(family_name));
        std::vector<std::string> keys;
        for (const auto& [key, cells] : family->rows)
            if (key >= from && key.starts_with(prefix) && keys.size() < limit) keys.push_back(key);
        return keys;
    }
    Result<std::vector<std::string>> find_rows(std::string_view family_name, std::string_view column,
                                               std::string_view value, std::size_t limit) const override {
        NM_ASSIGN(const Family* family, find(family_name));
        std::vector<std::string> keys;
        for (const auto& [key, cells] : family->rows)
            for (const auto& [name, cell] : cells)
                if (cell.column == column && cell.value == value && keys.size() < limit) keys.push_back(key);
        return keys;
    }
    Result<std::int64_t> counter(std::string_view, std::string_view) const override { return kUnsupported; }
    Result<std::vector<Counter>> counters(std::string_view, std::string_view, std::size_t) const override {
        return kUnsupported;
    }
    Result<std::vector<std::string>> counter_rows(std::string_view, std::string_view,
                                                  std::size_t) const override {
        return kUnsupported;
    }

    SnapshotPtr snapshot() const override { return nullptr; }
    Result<std::vector<LogRow>> log_rows(const RowSelection& selection,
                                         const SnapshotPtr& = nullptr) const override {
        std::vector<LogRow> found;
        for (const LogRow& row : rows_) {
            if (!selection.family.empty() && row.family != selection.family) continue;
            if (row.max_time_ms < selection.from_ms || row.min_time_ms >= selection.to_ms) continue;
            if (!row.key.starts_with(selection.key_prefix)) continue;
            if (!selection.accept || selection.accept(row)) found.push_back(row);
        }
        return found;
    }
    Result<std::optional<LogRow>> log_row(RowId id, const SnapshotPtr& = nullptr) const override {
        for (const LogRow& row : rows_)
            if (row.id == id) return std::optional<LogRow>(row);
        return std::optional<LogRow>();
    }
    Result<std::unique_ptr<LineCursor>> lines(const LogRow& row, const LineRange& range,
                                              const SnapshotPtr& = nullptr) const override {
        ++rows_opened;
        return std::unique_ptr<LineCursor>(new Cursor(row, lines_.at(row.id), range));
    }
    Result<std::vector<BlockInfo>> blocks(const LogRow&, const SnapshotPtr&) const override {
        return std::vector<BlockInfo>();
    }
    Result<std::unique_ptr<block::BlockReader>> open_block(const LogRow&, const BlockInfo&,
                                                           const SnapshotPtr&) const override {
        return kUnsupported;
    }
    Result<std::unique_ptr<LineCursor>> block_lines(const LogRow&, const BlockInfo&, const LineRange&,
                                                    const SnapshotPtr&) const override {
        return kUnsupported;
    }
    Result<std::unique_ptr<LineCursor>> fresh_lines(const LogRow& row, const LineRange& range,
                                                    const SnapshotPtr& snapshot) const override {
        return lines(row, range, snapshot);
    }

    StoreStats stats() const override { return {}; }
    Result<void> seal(const Progress&) override { return {}; }
    Result<void> compact(const Progress&) override { return {}; }
    Result<RetentionReport> retain(const RetentionPolicy&, bool, const Progress&) override {
        return kUnsupported;
    }
    ChangeRange changes() const override { return {}; }
    Result<std::vector<Change>> read_changes(ChangeNumber, std::size_t) const override {
        return kUnsupported;
    }
    ChangeNumber wait_for_change(ChangeNumber, std::chrono::milliseconds) const override { return 0; }
    Result<std::unique_ptr<LineCursor>> changed_lines(const Change&, const ChangedRow&, const LogRow&,
                                                      const SnapshotPtr&) const override {
        return kUnsupported;
    }
    const std::string& hub_id() const override { return hub_id_; }
    JournalRange journal() const override { return {}; }
    Result<std::vector<JournalRecord>> read_journal(ChangeNumber, std::size_t) const override {
        return kUnsupported;
    }
    Result<std::uint64_t> journal_records(ChangeNumber) const override { return kUnsupported; }
    void forget_journal(ChangeNumber) override {}
    Result<AppliedJournal> apply_journal(const JournalLink&, const std::vector<JournalRecordView>&,
                                         ChangeNumber, std::string_view, const RefusedNotes&,
                                         const JournalRights&) override {
        return kUnsupported;
    }
    Result<std::optional<ChangeNumber>> journal_position(const JournalLink&) const override {
        return kUnsupported;
    }
    Result<void> set_journal_position(const JournalLink&, std::optional<ChangeNumber>) override {
        return kUnsupported;
    }
    Result<std::vector<IncomingCopy>> incoming_copies() const override { return kUnsupported; }
    Result<std::unique_ptr<JournalCopy>> copy_for_journal(const JournalFilter&) override {
        return kUnsupported;
    }
    Result<void> put_notes(std::string_view, const std::vector<Note>&) override { return kUnsupported; }
    Result<std::vector<Note>> notes(std::string_view) const override { return kUnsupported; }
    Result<VerifyReport> verify(const Progress&) const override { return VerifyReport{}; }
    Result<ReindexReport> reindex(const ReindexRequest&, const Progress&) override { return kUnsupported; }
    Result<BackupInfo> backup(const std::string&, const Progress&) override { return kUnsupported; }

  private:
    LineId add(const std::string& client, const std::string& log, std::int64_t time_ms,
               std::uint64_t sequence, const std::string& text, const std::string& fields, RowKind kind) {
        const std::string key = format_day_row({client, kind, log_key_name(log), day_of(time_ms)});
        const auto [known, added] = row_places_.try_emplace(key, rows_.size());
        if (added)
            rows_.push_back({rows_.size() + 1, std::string(kTimeFamily), key, kind, client, log_key_name(log),
                             time_ms, time_ms});
        LogRow* const at = &rows_[known->second];
        at->min_time_ms = std::min(at->min_time_ms, time_ms);
        at->max_time_ms = std::max(at->max_time_ms, time_ms);
        const LineId id{time_ms, at->id, sequence, 0};
        lines_[at->id][id] = {text, fields};
        return id;
    }

    using Row = std::map<std::string, Cell>;  // by sortable column
    using Lines = std::map<LineId, std::pair<std::string, std::string>>;
    struct Family {
        FamilyInfo info;
        std::map<std::string, Row> rows;
    };
    inline static const Error kUnsupported{Code::unsupported, "not in a MemoryStore"};

    class Batch : public CellBatch {
      public:
        Batch(MemoryStore& store, std::string family)
            : store_(store), family_(std::move(family)), rows_(store.families_.at(family_).rows) {}
        Result<void> put(std::string_view row, std::string_view column, std::string_view value,
                         std::int64_t) override {
            NM_ASSIGN(const std::string key,
                      encode_sortable(store_.families_.at(family_).info.comparator, column));
            NM_ASSIGN(const std::string name,
                      decode_sortable(store_.families_.at(family_).info.comparator, key));
            rows_[std::string(row)][key] = {name, std::string(value), 0};
            bytes_ += row.size() + column.size() + value.size();
            return {};
        }
        Result<void> remove_row(std::string_view row) override {
            rows_.erase(std::string(row));
            return {};
        }
        void tell_values(bool) override {}
        std::size_t bytes() const override { return bytes_; }
        Result<CommitResult> commit() override {
            if (store_.fail_commit) return Error{Code::io, "the disk said no"};
            store_.families_.at(family_).rows = rows_;
            return CommitResult{};
        }

      private:
        MemoryStore& store_;
        std::string family_;
        std::map<std::string, Row> rows_;
        std::size_t bytes_ = 0;
    };

    class Cursor : public LineCursor {
      public:
        Cursor(const LogRow& row, const Lines& lines, const LineRange& range) {
            for (const auto& [id, text] : lines) {
                if (id.time_ms < range.from_ms || id.time_ms >= range.to_ms) continue;
                const bool behind =
                    !range.after || (range.order == Order::ascending ? id > *range.after : id < *range.after);
                if (behind) lines_.push_back({id, text});
            }
            if (range.order == Order::ascending) std::reverse(lines_.begin(), lines_.end());
            line_.row = &row;
        }
        Result<bool> next() override {
            if (begun_) lines_.pop_back();
            begun_ = true;
            if (lines_.empty()) return false;
            line_.id = lines_.back().first;
            line_.text = lines_.back().second.first;
            line_.fields = lines_.back().second.second;
            return true;
        }
        const Line& line() const override { return line_; }

      private:
        std::vector<std::pair<LineId, std::pair<std::string, std::string>>> lines_;  // the next one last
        Line line_;
        bool begun_ = false;
    };

    Result<const Family*> find(std::string_view name) const {
        const auto at = families_.find(std::string(name));
        if (at == families_.end()) return Error{Code::not_found, "no family " + std::string(name)};
        return &at->second;
    }

    const std::string hub_id_ = std::string(32, '0');
    std::map<std::string, Family> families_;
    std::vector<LogRow> rows_;
    std::unordered_map<std::string, std::size_t> row_places_;  // by key
    std::map<RowId, Lines> lines_;
    std::uint64_t sequence_ = 0;
};

}  // namespace nmstore::testing
