// The part of FamilyWrites that runs under the locks of its rows: what depends on what is in the database at
// the moment of the commit.
#include <algorithm>
#include <map>

#include "engine/block/block.h"
#include "engine/block_builder.h"
#include "engine/family_writes.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/slice.h"

namespace nmstore {

Result<void> FamilyWrites::complete() {
    NM_TRY(check_stamps());
    if (only_where_free_) NM_TRY(check_free_places());
    for (Use& use : uses_) NM_TRY(complete_row(use));
    NM_TRY(unseal());
    for (const Use& use : uses_) {
        Row& row = *use.row;
        const bool puts_cells = !use.cells_ms.empty();
        if (use.removed || (puts_cells && use.first_cell_ms <= row.sealing_to_ms)) row.disturbed = true;
        row.first_entry_ms = std::min(row.first_entry_ms, use.first_entry_ms);
    }
    NM_TRY(complete_index());
    NM_TRY(complete_counts());
    return complete_cell_removals();
}

// Each block is made anew once, however many of its times go.
Result<void> FamilyWrites::complete_cell_removals() {
    std::map<std::size_t, std::vector<std::int64_t>> times;  // by use
    if (space_ == kv::Space::entries) {
        for (const auto& [index, column] : removed_cells_) {
            if (uses_[index].removed) continue;
            NM_ASSIGN(const key::Entry at, key::parse_entry(column));
            times[index].push_back(at.time_ms);
        }
    }
    std::map<std::size_t, bool> blocks_left;
    for (auto& [index, of_use] : times) {
        std::sort(of_use.begin(), of_use.end());
        NM_ASSIGN(blocks_left[index], remove_from_blocks(uses_[index], of_use));
    }
    for (const auto& [index, column] : removed_cells_)
        NM_TRY(complete_cell_removal(uses_[index], column, blocks_left[index]));
    return {};
}

Result<void> FamilyWrites::check_free_places() const {
    for (const Use& use : uses_) {
        if (!use.row->live || use.removed) continue;
        for (const std::int64_t time_ms : use.cells_ms) {
            SliceRange range;
            range.from = range.to = std::to_string(time_ms);
            range.limit = 1;
            NM_ASSIGN(const Slice there, read_slice(core_, *schema_, use.row->key, range));
            if (there.cells.empty()) continue;
            return Error{Code::conflict, *range.from + " of the row \"" + use.row->key + "\" is not free"};
        }
    }
    return {};
}

Result<void> FamilyWrites::complete_row(Use& use) {
    const Row& row = *use.row;
    if (use.remove_if_empty && row.live) {
        NM_ASSIGN(const bool alive, has_live_cell(core_, space_, row.id, core_.clock.now_ms()));
        use.removed = !alive;
        if (!alive) batch_.remove_partition(space_, use.partition);
        if (!alive && space_ == kv::Space::entries) batch_.remove_partition(kv::Space::blocks, use.partition);
    }
    if (use.removed && row.live) {
        for (const auto& [column, declared] : schema_->columns) {
            if (declared.indexed) NM_TRY(unindex(use, column));
        }
        if (space_ == kv::Space::entries) {
            const auto blocks = list_blocks(core_, row.id);
            // A damaged row can still be dropped; a reindexing corrects the sums.
            if (!blocks.ok() && blocks.error().code != Code::corruption) return blocks.error();
            if (blocks.ok()) discount_blocks(batch_, *blocks);
        }
        if (!use.written) {
            Catalogue::erase(batch_, row);
            use.next = std::make_shared<Row>(Row{row.id, row.family, std::string()});
        }
    }
    if (!use.written) return {};

    const bool afresh = use.removed || !row.live;
    const bool timed = space_ == kv::Space::entries;
    const std::int64_t min_hour = !timed ? 0 : afresh ? use.min_hour : std::min(use.min_hour, row.min_hour);
    const std::int64_t max_hour = !timed ? 0 : afresh ? use.max_hour : std::max(use.max_hour, row.max_hour);
    const std::string& display = afresh || row.display.empty() ? use.display : row.display;
    if (!afresh && min_hour == row.min_hour && max_hour == row.max_hour && display == row.display) return {};
    use.next = std::make_shared<Row>(Row{row.id, row.family, row.key, row.live, min_hour, max_hour, display});
    Catalogue::write(batch_, *use.next);
    use.next->live = true;
    return {};
}

Result<void> FamilyWrites::unindex(const Use& use, const std::string& column) {
    const auto found = core_.database->get(space_, use.partition, column);
    // A damaged row can still be dropped.
    if (!found.ok() && found.error().code == Code::corruption && use.removed)
        return unindex_unread(use, column);
    NM_ASSIGN(const auto bytes, found);
    if (!bytes) return {};
    NM_ASSIGN(const record::Entry old, record::parse_entry(*bytes));
    batch_.remove(kv::Space::index, key::index_of_column(family_->id(), column),
                  key::index_value(old.value) + use.row->key);
    return {};
}

// Where the cell does not tell its value: the whole index of the column is looked through.
Result<void> FamilyWrites::unindex_unread(const Use& use, const std::string& column) {
    const std::string partition = key::index_of_column(family_->id(), column);
    const auto cursor = core_.database->cursor(kv::Space::index, partition, nullptr, true);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        NM_ASSIGN(const record::IndexEntry entry, record::parse_index_entry(cursor->value()));
        if (entry.row == use.row->id) batch_.remove(kv::Space::index, partition, cursor->key());
    }
    return cursor->status();
}

Result<void> FamilyWrites::complete_index() {
    for (const auto& [where, entry] : indexed_) {
        const auto& [index, column] = where;
        const Use& use = uses_[index];
        if (use.row->live && !use.removed) NM_TRY(unindex(use, column));
        if (!entry.put) continue;
        batch_.put(kv::Space::index, key::index_of_column(family_->id(), column), entry.value + use.row->key,
                   record::index_entry(use.row->id, entry.expires_at_ms));
    }
    return {};
}

// A cell counts if it was not there. Most are newer than all that the row holds, and are not looked up.
Result<void> FamilyWrites::complete_counts() {
    if (counted_.empty()) return {};
    std::sort(counted_.begin(), counted_.end());
    counted_.erase(std::unique(counted_.begin(), counted_.end()), counted_.end());

    std::vector<std::int64_t> added(uses_.size(), 0);
    std::vector<std::size_t> asked;
    std::vector<std::int64_t> asked_ms;
    std::vector<std::pair<std::string, std::string>> keys;
    for (const auto& [index, time_ms] : counted_) {
        const Use& use = uses_[index];
        const std::int64_t hour = hour_of(time_ms);
        if (use.row->live && !use.removed && hour >= use.row->min_hour && hour <= use.row->max_hour) {
            asked.push_back(index);
            asked_ms.push_back(time_ms);
            keys.emplace_back(use.partition, key::entry(time_ms, 0));
        } else {
            ++added[index];
        }
    }
    NM_ASSIGN(const std::vector<bool> there, core_.database->contains(space_, keys));
    const std::int64_t now_ms = core_.clock.now_ms();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        bool present = there[i];
        const auto& replaced = uses_[asked[i]].replaced_ms;
        if (std::binary_search(replaced.begin(), replaced.end(), asked_ms[i])) {
            present = true;
        } else if (present) {
            NM_ASSIGN(const auto bytes, core_.database->get(space_, keys[i].first, keys[i].second));
            present = bytes.has_value() && !record::has_expired(space_, *bytes, now_ms);
        }
        if (!present) ++added[asked[i]];
    }
    for (std::size_t index = 0; index < uses_.size(); ++index) {
        if (added[index] == 0) continue;
        const std::string_view column = row_kind_name(uses_[index].kind);
        batch_.add(key::kUserCounters, key::counter(uses_[index].row->key, column), added[index]);
        if (tells(uses_[index])) draft_->steps.add(uses_[index].row->key, column, added[index]);
    }
    return {};
}

Result<void> FamilyWrites::complete_cell_removal(Use& use, const std::string& column, bool blocks_left) {
    use.row->disturbed = true;
    const auto cursor = core_.database->cursor(space_, use.partition);
    // In a time family, whatever begins with the time: the posted cell and the lines appended at that time.
    const bool timed = space_ == kv::Space::entries;
    for (cursor->seek(column); cursor->valid(); cursor->next()) {
        if (timed ? !cursor->key().starts_with(column) : cursor->key() != column) break;
        batch_.remove(space_, use.partition, cursor->key());
    }
    NM_TRY(cursor->status());
    const bool none_behind = !cursor->valid();
    cursor->seek_first();
    NM_TRY(cursor->status());
    const bool none_before =
        !cursor->valid() || (timed ? cursor->key().starts_with(column) : cursor->key() == column);
    const bool is_empty = none_before && none_behind && !blocks_left && use.returned_cells == 0;
    if (use.row->live && is_empty && !use.written) {
        Catalogue::erase(batch_, *use.row);
        use.next = std::make_shared<Row>(Row{use.row->id, use.row->family, std::string()});
    }
    return {};
}

Result<bool> FamilyWrites::remove_from_blocks(const Use& use, const std::vector<std::int64_t>& times) {
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core_, use.row->id));
    std::size_t left = blocks.size() - use.unsealed.size();
    for (const BlockInfo& info : blocks) {
        if (info.cells != 0) continue;
        const auto first = std::lower_bound(times.begin(), times.end(), info.first.time_ms);
        if (first == times.end() || *first > info.last.time_ms) continue;
        BlockBuilder kept;
        const auto reader = open_stored_block(core_, info);
        NM_TRY(reader->read_directory());
        for (std::size_t i = 0; i < reader->lines(); ++i) {
            NM_ASSIGN(const block::BlockLine line, reader->line(i));
            if (!std::binary_search(times.begin(), times.end(), line.time_ms))
                kept.add(line.time_ms, line.sequence, line.text, line.fields);
        }
        if (kept.lines() == info.lines) continue;
        erase_block(batch_, info);
        if (kept.empty()) {
            --left;
            continue;
        }
        NM_ASSIGN(const BuiltBlock rewritten, kept.build(core_, use.row->id, block::kFastLevel));
        nmstore::put_block(batch_, rewritten);
    }
    return left != 0;
}

}  // namespace nmstore
