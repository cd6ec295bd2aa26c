#include "engine/family_writes.h"

#include <algorithm>

#include "engine/block_builder.h"
#include "engine/block_merge.h"
#include "engine/key.h"
#include "engine/record.h"
#include "nmstore/store.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

constexpr std::size_t kMaxKeptRecordBytes = std::size_t{1} << 20;

Error wrong(std::string message) {
    return {Code::invalid_argument, std::move(message)};
}

Result<void> check_row_key(std::string_view row) {
    if (row.empty()) return wrong("the row key is empty");
    if (row.size() > kMaxRowKeyBytes) {
        return wrong("the row key has more than " + std::to_string(kMaxRowKeyBytes) + " bytes");
    }
    return {};
}

Result<std::string> sortable_column(ValueType comparator, std::string_view column) {
    if (column.empty()) return wrong("the column name is empty");
    if (column.size() > kMaxColumnNameBytes) {
        return wrong("the column name has more than " + std::to_string(kMaxColumnNameBytes) + " bytes");
    }
    return encode_sortable(comparator, column);
}

}  // namespace

FamilyWrites::FamilyWrites(Core& core, kv::Batch& batch, FamilyPtr family, bool count)
    : core_(core),
      batch_(batch),
      family_(std::move(family)),
      schema_(family_->schema()),
      space_(schema_->space()),
      count_(count) {}

Result<std::size_t> FamilyWrites::use(std::string_view row) {
    if (!uses_.empty() && uses_[last_use_].row->key == row) return last_use_;
    if (const auto it = by_row_.find(row); it != by_row_.end()) return last_use_ = it->second;
    NM_TRY(check_row_key(row));
    NM_ASSIGN(RowPtr found, core_.catalogue.acquire(family_->id(), row));
    Use use;
    use.partition = key::row(found->id);
    if (space_ == kv::Space::entries) {
        if (const auto day_row = parse_day_row(row)) use.kind = day_row->kind;
    }
    use.row = std::move(found);
    use.own = core_.changes.is_own(schema_->info.name, row);
    uses_.push_back(std::move(use));
    last_use_ = uses_.size() - 1;
    by_row_.emplace(uses_[last_use_].row->key, last_use_);
    return last_use_;
}

void FamilyWrites::cover(Use& use, std::int64_t time_ms) {
    const std::int64_t hour = hour_of(time_ms);
    use.min_hour = std::min(use.min_hour, hour);
    use.max_hour = std::max(use.max_hour, hour);
}

void FamilyWrites::cover_lines(Use& use, std::int64_t first_ms, std::int64_t last_ms, std::uint64_t lines) {
    cover(use, first_ms);
    cover(use, last_ms);
    use.lines += lines;
    use.first_line_ms = std::min(use.first_line_ms, first_ms);
    use.last_line_ms = std::max(use.last_line_ms, last_ms);
}

Result<void> FamilyWrites::put_cell(std::string_view row, std::string_view column, std::string_view value,
                                    std::int64_t ttl_seconds) {
    if (ttl_seconds < 0 || ttl_seconds > kMaxTtlSeconds) {
        return wrong("a ttl of " + std::to_string(ttl_seconds) + " s is not within 0 and " +
                     std::to_string(kMaxTtlSeconds));
    }
    return put_cell_until(row, column, value,
                          ttl_seconds == 0 ? 0 : core_.clock.now_ms() + ttl_seconds * 1000);
}

Result<void> FamilyWrites::put_cell_until(std::string_view row, std::string_view column,
                                          std::string_view value, std::int64_t expires_at_ms) {
    NM_TRY(check_row_key(row));
    NM_ASSIGN(const std::string sortable, sortable_column(schema_->info.comparator, column));
    const auto declared = schema_->columns.find(sortable);
    const bool is_declared = declared != schema_->columns.end();
    if (is_declared && !value.empty()) NM_TRY(encode_sortable(declared->second.type, value));

    NM_ASSIGN(const std::size_t index, use(row));
    Use& used = uses_[index];
    record::cell(record_, expires_at_ms, value);
    batch_.put(space_, used.partition, sortable, record_);
    if (record_.capacity() > kMaxKeptRecordBytes) std::string().swap(record_);
    used.written = true;
    ++entries_;
    if (space_ == kv::Space::entries) {
        NM_ASSIGN(const key::Entry entry, key::parse_entry(sortable));
        cover(used, entry.time_ms);
        used.first_cell_ms = std::min(used.first_cell_ms, entry.time_ms);
        used.cells_ms.push_back(entry.time_ms);
        ++used.fresh_lines;
        used.fresh_bytes += value.size();
        used.first_entry_ms = std::min(used.first_entry_ms, entry.time_ms);
        if (count_ && (used.kind == RowKind::logs || used.kind == RowKind::plugins))
            counted_.emplace_back(index, entry.time_ms);
    } else if (is_declared && declared->second.indexed) {
        indexed_[{index, sortable}] = {true, key::index_value(value), expires_at_ms};
    }
    if (tells_values_) told_.push_back({index, sortable, std::string(value)});
    if (tells(used)) {
        note_in_journal(used, sortable);
        draft_->steps.put_cell(sortable, expires_at_ms, tells_values_, value);
    }
    return {};
}

Result<void> FamilyWrites::put_line(std::string_view row, std::int64_t time_ms, std::uint64_t sequence,
                                    std::string_view text, std::string_view fields,
                                    std::string_view display) {
    NM_ASSIGN(const std::size_t index, use(row));
    Use& used = uses_[index];
    record::line(record_, text, fields);
    batch_.put(space_, used.partition, key::entry(time_ms, sequence), record_);
    used.written = true;
    if (used.display.empty()) used.display = display;
    cover_lines(used, time_ms, time_ms, 1);
    ++entries_;
    used.first_entry_ms = std::min(used.first_entry_ms, time_ms);
    if (JournalSteps* const steps = steps_for_lines(used, display)) steps->line(time_ms, text, fields);
    if (BlockBuilder::fits(fields)) {
        ++used.fresh_lines;
        used.fresh_bytes += text.size() + fields.size();
    }
    return {};
}

Result<RowId> FamilyWrites::row_id(std::string_view row) {
    NM_ASSIGN(const std::size_t index, use(row));
    return uses_[index].row->id;
}

Result<void> FamilyWrites::put_lines(std::string_view row, BlockBuilder& lines, std::string_view display) {
    if (lines.bytes() >= core_.sealing.direct_bytes || lines.full(core_.sealing.block_bytes)) {
        NM_ASSIGN(const RowId id, row_id(row));
        NM_ASSIGN(const BuiltBlock block, lines.build(core_, id, block::kFastLevel));
        return put_block(row, block, display);
    }
    for (std::size_t i = 0; i < lines.lines(); ++i) {
        const auto line = lines[i];
        NM_TRY(put_line(row, line.time_ms, line.sequence, line.text, line.fields, display));
    }
    lines.clear();
    return {};
}

Result<void> FamilyWrites::put_block(std::string_view row, const BuiltBlock& block,
                                     std::string_view display) {
    NM_ASSIGN(const std::size_t index, use(row));
    Use& used = uses_[index];
    NM_CHECK(block.info.first.row == used.row->id);
    nmstore::put_block(batch_, block);
    used.written = true;
    if (used.display.empty()) used.display = display;
    cover_lines(used, block.info.first.time_ms, block.info.last.time_ms, block.info.lines);
    used.blocks.push_back(block.info.number);
    entries_ += block.info.lines;
    if (is_small(block.info, core_.sealing.block_bytes)) ++used.small_blocks;
    if (JournalSteps* const steps = steps_for_lines(used, display)) steps->block(block);
    return {};
}

Result<void> FamilyWrites::remove_row(std::string_view row) {
    NM_ASSIGN(const std::size_t index, use(row));
    Use& used = uses_[index];
    batch_.remove_partition(space_, used.partition);
    if (space_ == kv::Space::entries) batch_.remove_partition(kv::Space::blocks, used.partition);
    used.removed = true;
    used.written = false;
    used.first_cell_ms = INT64_MAX;
    used.cells_ms.clear();
    used.lines = 0;
    used.first_line_ms = INT64_MAX;
    used.last_line_ms = INT64_MIN;
    used.blocks.clear();
    used.fresh_lines = 0;
    used.fresh_bytes = 0;
    used.small_blocks = 0;
    used.min_hour = INT64_MAX;
    used.max_hour = INT64_MIN;
    used.display.clear();
    std::erase_if(indexed_, [&](const auto& entry) { return entry.first.first == index; });
    std::erase_if(counted_, [&](const auto& entry) { return entry.first == index; });
    std::erase_if(told_, [&](const auto& cell) { return cell.use == index; });
    if (tells(used)) {
        draft_->steps.turn_to(schema_->info, row);
        draft_->steps.remove_row();
        draft_->stamped.push_back(stamp_key(used));
        if (draft_->origin) stamped_.push_back({stamp_key(used), true});
    }
    return {};
}

Result<void> FamilyWrites::remove_row_if_empty(std::string_view row) {
    NM_ASSIGN(const std::size_t index, use(row));
    uses_[index].remove_if_empty = true;
    return {};
}

Result<void> FamilyWrites::remove_cell(std::string_view row, std::string_view column) {
    NM_TRY(check_row_key(row));
    NM_ASSIGN(std::string sortable, sortable_column(schema_->info.comparator, column));
    NM_ASSIGN(const std::size_t index, use(row));
    const auto declared = schema_->columns.find(sortable);
    if (declared != schema_->columns.end() && declared->second.indexed) indexed_[{index, sortable}] = {};
    if (tells(uses_[index])) {
        note_in_journal(uses_[index], sortable);
        draft_->steps.remove_cell(sortable);
    }
    removed_cells_.emplace_back(index, std::move(sortable));
    return {};
}

Result<void> FamilyWrites::check() const {
    if (family_->dropped()) {
        return Error{Code::conflict, "the family \"" + schema_->info.name + "\" has been dropped meanwhile"};
    }
    if (family_->schema()->index_generation != schema_->index_generation) {
        return Error{Code::unavailable,
                     "the family \"" + schema_->info.name + "\" has got an index meanwhile; try again"};
    }
    return {};
}

RowLocks::Stripes FamilyWrites::stripes() const {
    RowLocks::Stripes stripes;
    for (const Use& use : uses_) stripes.set(RowLocks::stripe_of(use.row->id));
    return stripes;
}

void FamilyWrites::tell(ChangeRecord& change) const {
    const std::size_t first = change.rows.size();
    for (const Use& use : uses_) {
        if (space_ != kv::Space::entries || (use.lines == 0 && use.cells_ms.empty())) continue;
        ChangedRow row;
        row.row = use.row->id;
        row.lines = use.lines;
        if (use.lines != 0) {
            row.first_ms = use.first_line_ms;
            row.last_ms = use.last_line_ms;
        }
        row.blocks = use.blocks;
        row.cells_ms = use.cells_ms;
        std::sort(row.cells_ms.begin(), row.cells_ms.end());
        row.cells_ms.erase(std::unique(row.cells_ms.begin(), row.cells_ms.end()), row.cells_ms.end());
        change.rows.push_back(std::move(row));
    }
    const auto from = change.rows.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(from, change.rows.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
    for (const ToldCell& cell : told_)
        change.values.push_back({family_->id(), uses_[cell.use].row->key, cell.column, cell.value});
}

void FamilyWrites::applied() {
    std::vector<FreshRows::Written> written;
    for (Use& use : uses_) {
        if (use.fresh_lines + use.small_blocks != 0)
            written.push_back({use.row->id, use.fresh_bytes, use.fresh_lines, use.small_blocks});
        if (use.removed) use.row->cells_sealed_to_ms = INT64_MIN;
        if (use.next == nullptr) continue;
        use.row->live = use.next->live;
        use.row->min_hour = use.next->min_hour;
        use.row->max_hour = use.next->max_hour;
        use.row->display = use.next->display;
    }
    if (!written.empty()) core_.fresh_rows.note(written, core_.clock.now_ms());
}

}  // namespace nmstore
