#include "engine/opened_lines.h"

#include <algorithm>
#include <memory>

#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

// Live posted cells that stand in entries, in order of time.
class CellsOfEntries {
  public:
    CellsOfEntries(const Core& core, const std::string& partition, std::int64_t now_ms)
        : cursor_(core.database->cursor(kv::Space::entries, partition)), now_ms_(now_ms) {}

    Result<bool> seek(std::int64_t time_ms) {
        cursor_->seek(key::entry(time_ms, 0));
        return find();
    }
    Result<bool> next() {
        cursor_->next();
        return find();
    }
    std::int64_t time_ms() const { return time_ms_; }
    Result<CellEnd> end() {
        text_.assign(RowKind::logs, entry_.value);
        return CellEnd::of(text_, entry_.expires_at_ms);
    }

  private:
    Result<bool> find() {
        for (; cursor_->valid(); cursor_->next()) {
            NM_ASSIGN(const key::Entry at, key::parse_entry(cursor_->key()));
            if (at.sequence != 0) continue;
            NM_ASSIGN(entry_, record::parse_entry(cursor_->value()));
            if (record::has_expired(entry_.expires_at_ms, now_ms_)) continue;
            time_ms_ = at.time_ms;
            return true;
        }
        NM_TRY(cursor_->status());
        return false;
    }

    const std::unique_ptr<kv::Cursor> cursor_;
    const std::int64_t now_ms_;
    record::Entry entry_;
    std::int64_t time_ms_ = 0;
    CellText text_;
};

// Those of a block.
class CellsOfBlock {
  public:
    CellsOfBlock(CellBlock& block, std::int64_t now_ms) : block_(block), now_ms_(now_ms) {}

    Result<bool> seek(std::int64_t time_ms) {
        const auto& cells = block_.cells();
        const auto first = std::partition_point(
            cells.begin(), cells.end(), [&](const SealedCell& cell) { return cell.time_ms < time_ms; });
        at_ = static_cast<std::size_t>(first - cells.begin());
        return find();
    }
    Result<bool> next() {
        ++at_;
        return find();
    }
    std::int64_t time_ms() const { return block_.cells()[at_].time_ms; }
    Result<CellEnd> end() {
        NM_ASSIGN(const std::string_view value, block_.value(at_));
        text_.assign(RowKind::logs, value);
        return CellEnd::of(text_, block_.cells()[at_].expires_at_ms);
    }

  private:
    bool find() {
        const auto& cells = block_.cells();
        while (at_ < cells.size() && record::has_expired(cells[at_].expires_at_ms, now_ms_)) ++at_;
        return at_ < cells.size();
    }

    CellBlock& block_;
    const std::int64_t now_ms_;
    std::size_t at_ = 0;
    CellText text_;
};

}  // namespace

Result<void> PutCellsOfRows::find(const kv::Batch& batch) {
    Result<void> read;
    CellText text;
    PutCells* row = nullptr;
    std::string of;  // this row
    const auto take = [&](std::string_view partition, std::string_view key,
                          std::string_view value) -> Result<void> {
        if (of != partition) {  // one after the other is mostly the same
            of = partition;
            const auto found = rows_.find(of);
            row = found == rows_.end() ? nullptr : &found->second;
        }
        if (row == nullptr) return {};
        NM_ASSIGN(const key::Entry at, key::parse_entry(key));
        if (at.sequence != 0) return {};
        NM_ASSIGN(const record::Entry entry, record::parse_entry(value));
        text.assign(RowKind::logs, entry.value);
        (*row)[at.time_ms] = CellEnd::of(text, entry.expires_at_ms);
        return {};
    };
    NM_TRY(batch.each_put(kv::Space::entries,
                          [&](std::string_view partition, std::string_view key, std::string_view value) {
                              if (read.ok()) read = take(partition, key, value);
                          }));
    return read;
}

CellEnd OpenedLines::put_at(std::int64_t time_ms) const {
    const auto found = put_.find(time_ms);
    return found == put_.end() ? CellEnd{} : found->second;
}

template <class Cells>
Result<void> OpenedLines::follow(Cells& cells, std::int64_t from_ms, std::int64_t to_ms) {
    auto change = std::lower_bound(changed_ms_.begin(), changed_ms_.end(), from_ms);
    std::size_t followed = 0;
    bool sought = false;
    bool there = false;
    for (;;) {
        const bool changes = change != changed_ms_.end() && *change <= to_ms;
        if (!open()) {
            if (!changes) return {};
            if (!sought || (there && cells.time_ms() < *change)) {
                NM_ASSIGN(there, cells.seek(*change));
            }
        } else if (!sought) {
            NM_ASSIGN(there, cells.seek(from_ms));
        }
        sought = true;
        const bool in_part = there && cells.time_ms() <= to_ms;
        if (!in_part && !changes) return {};
        if (++followed > kMaxFollowed) {
            lines_.set_unknown();
            return {};
        }
        CellEnd before;
        const bool is_change = changes && (!in_part || *change <= cells.time_ms());
        const bool is_there = in_part && (!is_change || *change == cells.time_ms());
        if (is_there) {
            NM_ASSIGN(before, cells.end());
        }
        if (is_change) {
            lines_.add_changed(before, put_at(*change));
            ++change;
        } else {
            lines_.add(before);
        }
        if (is_there) {
            NM_ASSIGN(there, cells.next());
        }
    }
}

Result<void> OpenedLines::follow_entries(std::int64_t from_ms, std::int64_t to_ms) {
    const auto change = std::lower_bound(changed_ms_.begin(), changed_ms_.end(), from_ms);
    if (!open() && (change == changed_ms_.end() || *change > to_ms)) return {};
    CellsOfEntries cells(core_, partition_, now_ms_);
    return follow(cells, from_ms, to_ms);
}

Result<void> OpenedLines::follow_block(CellBlock& block) {
    CellsOfBlock cells(block, now_ms_);
    return follow(cells, block.info().first_cell_ms, block.info().last_cell_ms);
}

}  // namespace nmstore
