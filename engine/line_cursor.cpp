#include "engine/line_cursor.h"

#include <algorithm>
#include <utility>

#include "engine/cell_text.h"
#include "engine/key.h"
#include "engine/line_cut.h"
#include "engine/record.h"
#include "engine/reverse_entries.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

class LinesOfRow final : public LineCursor {
  public:
    LinesOfRow(const Core& core, const LogRow& row, const LineRange& range, const SnapshotPtr& snapshot)
        : row_(row),
          range_(range),
          ascending_(range.order == Order::ascending),
          joins_(row.kind == RowKind::logs),
          now_ms_(core.clock.now_ms()),
          core_(core),
          snapshot_(snapshot) {
        if (ascending_) {
            forward_ = open();
        } else {
            backward_ = std::make_unique<ReverseEntries>(open());
        }
        line_.row = &row_;
        line_.id.row = row_.id;
    }

    Result<bool> next() override {
        for (;;) {
            if (in_cell_) {
                NM_ASSIGN(const bool found, step_in_cell());
                if (found) return true;
            }
            NM_ASSIGN(const bool found, step());
            if (!found) return false;
            line_.id.time_ms = at_.time_ms;
            line_.id.sequence = at_.sequence;
            if (entry_.is_line) {
                line_.id.line = 0;
                line_.text = entry_.value;
                line_.fields = entry_.fields;
                line_.ends_in_ms = INT64_MIN;
                line_.half = false;
                if (wanted()) return true;
            } else {
                line_.fields = {};
                NM_TRY(enter_cell());
            }
        }
    }

    const Line& line() const override { return line_; }

  private:
    std::unique_ptr<kv::Cursor> open() const {
        // Through the cache: short rows stand in one block of a table file with many others, which a query
        // has open at the same time.
        return core_.database->cursor(kv::Space::entries, key::row(row_.id), snapshot_);
    }

    std::string_view current_key() const { return ascending_ ? forward_->key() : backward_->key(); }

    bool wanted() const {
        if (!range_.after) return true;
        return ascending_ ? line_.id > *range_.after : line_.id < *range_.after;
    }

    // To the first entry that can hold a wanted line.
    Result<void> seek() {
        const auto& after = range_.after;
        if (ascending_) {
            std::string from = key::entry(range_.from_ms, 0);
            if (after && after->time_ms >= range_.from_ms) {
                if (after->row == row_.id) {
                    from = key::entry(after->time_ms, after->sequence);
                } else {
                    from = after->row < row_.id ? key::entry(after->time_ms, 0)
                                                : key::entries_end(after->time_ms);
                }
            }
            forward_->seek(from);
            return {};
        }
        std::string to = key::entry(range_.to_ms, 0);
        if (after && after->time_ms < range_.to_ms) {
            if (after->row == row_.id) {
                to = key::entry(after->time_ms, after->sequence);
            } else {
                to = after->row < row_.id ? key::entry(after->time_ms, 0) : key::entries_end(after->time_ms);
            }
        }
        return backward_->seek_for_prev(to);
    }

    // To the next entry; false if there is none.
    Result<bool> move() {
        if (!started_) {
            started_ = true;
            NM_TRY(seek());
        } else if (ascending_) {
            forward_->next();
        } else {
            NM_TRY(backward_->prev());
        }
        if (!ascending_) return backward_->valid();
        NM_TRY(forward_->status());
        return forward_->valid();
    }

    // To the next live entry of the range.
    Result<bool> step() {
        for (;;) {
            NM_ASSIGN(const bool found, move());
            if (!found) return false;
            NM_ASSIGN(at_, key::parse_entry(current_key()));
            if (ascending_ ? at_.time_ms >= range_.to_ms : at_.time_ms < range_.from_ms) return false;
            if (ascending_ ? at_.time_ms < range_.from_ms : at_.time_ms >= range_.to_ms) continue;
            NM_ASSIGN(entry_, record::parse_entry(ascending_ ? forward_->value() : backward_->value()));
            if (!record::has_expired(entry_.expires_at_ms, now_ms_)) return true;
        }
    }

    Result<void> enter_cell() {
        in_cell_ = true;
        continues_ = false;
        if (behind_known_ && !ascending_ && behind_->valid() && behind_->key() == current_key()) {
            std::swap(cell_, behind_cell_);  // taken apart when its successor was looked at
        } else {
            cell_.assign(row_.kind, entry_.value);
        }
        if (joins_ && !cell_.empty()) {
            NM_TRY(look_at_wall());
            if (!(ascending_ && behind_known_)) NM_TRY(look_behind());
            NM_TRY(find_newline());
            continues_ = behind_half_ && to_newline_ < kMaxJoinedCells;
            if (ascending_) behind_half_ = cell_.half();
            last_ms_ = at_.time_ms;
            last_half_ = cell_.half();
        }
        piece_ = ascending_ ? 0 : cell_.size();
        return {};
    }

    // No line goes on from the cells before a block of cells to those behind it. The blocks are looked for
    // where a line might.
    Result<bool> is_wall_between(std::int64_t from_ms, std::int64_t to_ms) {
        if (!walls_known_) {
            NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core_, row_.id, snapshot_));
            for (const BlockInfo& block : blocks) {
                if (block.cells != 0) walls_ms_.push_back(block.first_cell_ms);
            }
            std::sort(walls_ms_.begin(), walls_ms_.end());
            walls_known_ = true;
        }
        const auto wall = std::upper_bound(walls_ms_.begin(), walls_ms_.end(), from_ms);
        return wall != walls_ms_.end() && *wall < to_ms;
    }

    // Between the current cell and where the cursor is.
    Result<bool> is_wall_before(const kv::Cursor& cursor) {
        NM_ASSIGN(const key::Entry there, key::parse_entry(cursor.key()));
        return is_wall_between(at_.time_ms, there.time_ms);
    }

    // What is known of the neighbours ends where a block stands between this cell and the one before it in
    // the cursor's order.
    Result<void> look_at_wall() {
        if (!newline_known_ || !(ascending_ ? last_half_ : cell_.half())) return {};
        NM_ASSIGN(const bool wall,
                  is_wall_between(std::min(last_ms_, at_.time_ms), std::max(last_ms_, at_.time_ms)));
        if (!wall) return {};
        behind_half_ = false;
        newline_known_ = false;
        return {};
    }

    // Whether the nearest live cell before this one that has a piece is half. Backwards, the cursor for it
    // stays where it found that cell, and goes on from there.
    Result<void> look_behind() {
        if (behind_ == nullptr) behind_ = std::make_unique<ReverseEntries>(open());
        const bool follows = behind_known_ && behind_->valid() && behind_->key() == current_key();
        behind_known_ = true;
        behind_half_ = false;
        if (!follows) NM_TRY(behind_->seek_for_prev(current_key()));
        NM_CHECK(behind_->valid());
        NM_TRY(behind_->prev());
        while (behind_->valid()) {
            NM_ASSIGN(const bool found, take_cell(behind_->key(), behind_->value(), behind_cell_));
            if (found) {
                if (!behind_cell_.half()) break;
                NM_ASSIGN(const key::Entry behind, key::parse_entry(behind_->key()));
                NM_ASSIGN(const bool wall, is_wall_between(behind.time_ms, at_.time_ms));
                behind_half_ = !wall;
                break;
            }
            NM_TRY(behind_->prev());
        }
        return {};
    }

    // Takes a cell apart; false if it is a line, not alive, or has no piece.
    Result<bool> take_cell(std::string_view key, std::string_view value, CellText& cell) const {
        NM_ASSIGN(const key::Entry at, key::parse_entry(key));
        if (at.sequence != 0) return false;
        NM_ASSIGN(const record::Entry entry, record::parse_entry(value));
        if (entry.is_line || record::has_expired(entry.expires_at_ms, now_ms_)) return false;
        cell.assign(row_.kind, entry.value);
        return !cell.empty();
    }

    // To the next wanted line of the cell; false if there is none left.
    Result<bool> step_in_cell() {
        for (;;) {
            if (ascending_ ? piece_ == cell_.size() : piece_ == 0) {
                in_cell_ = false;
                return false;
            }
            const std::size_t piece = ascending_ ? piece_++ : --piece_;
            if (piece == 0 && continues_) continue;
            line_.id.line = static_cast<std::uint32_t>(piece);
            if (!wanted()) continue;
            line_.text = cell_[piece];
            line_.ends_in_ms = INT64_MIN;
            line_.half = false;
            if (cell_.half() && piece + 1 == cell_.size()) NM_TRY(join());
            if (is_too_long(line_.text)) {
                std::string cut(kept_of_line(line_.text));
                cut += kCutMark;
                joined_ = std::move(cut);
                line_.text = joined_;
            }
            return true;
        }
    }

    static bool has_newline(const CellText& cell) { return cell.size() > 1 || !cell.half(); }

    // Counts the cells from the current one to the first that has a newline. Cells are visited one after the
    // other, so that the count of the last one is nearly always all that must be known.
    Result<void> find_newline() {
        const std::size_t last = std::exchange(to_newline_, 0);
        const bool known = std::exchange(newline_known_, true);
        if (has_newline(cell_)) return {};
        if (known && !ascending_) {
            to_newline_ = std::min(last + 1, kFarAway);
            return {};
        }
        if (known && last > 0 && last < kFarAway) {
            to_newline_ = last - 1;
            return {};
        }
        to_newline_ = kFarAway;
        if (known && last == kFarAway) {
            if (!ahead_->valid() || ahead_at_wall_) return {};  // the row has ended before
            --looked_ahead_;
        } else {
            if (ahead_ == nullptr) ahead_ = open();
            ahead_->seek(current_key());
            looked_ahead_ = 0;
            ahead_at_wall_ = false;
        }
        while (looked_ahead_ + 1 < kFarAway) {
            ahead_->next();
            if (!ahead_->valid()) break;
            NM_ASSIGN(const bool found, take_cell(ahead_->key(), ahead_->value(), ahead_cell_));
            if (!found) continue;
            NM_ASSIGN(ahead_at_wall_, is_wall_before(*ahead_));
            if (ahead_at_wall_) break;
            ++looked_ahead_;
            if (!has_newline(ahead_cell_)) continue;
            to_newline_ = looked_ahead_;
            break;
        }
        return ahead_->status();
    }

    // Completes the half line with what follows, if a newline does. Never holds much more than a line may
    // have.
    Result<void> join() {
        if (!has_newline(cell_) && to_newline_ > kMaxJoinedCells) {
            line_.half = true;
            return {};
        }
        if (rest_ == nullptr) rest_ = open();
        joined_ = line_.text;
        std::size_t joined = 0;
        rest_->seek(current_key());
        NM_CHECK(rest_->valid());
        for (rest_->next(); rest_->valid() && joined < kMaxJoinedCells; rest_->next()) {
            NM_ASSIGN(const bool found, take_cell(rest_->key(), rest_->value(), rest_cell_));
            if (!found) continue;
            NM_ASSIGN(const bool wall, is_wall_before(*rest_));
            if (wall) return {};
            ++joined;
            if (joined_.size() <= kMaxLineBytes) joined_ += rest_cell_[0];
            if (!has_newline(rest_cell_)) continue;
            line_.text = joined_;
            NM_ASSIGN(const key::Entry end, key::parse_entry(rest_->key()));
            line_.ends_in_ms = end.time_ms;
            return {};
        }
        line_.half = joined < kMaxJoinedCells;
        return rest_->status();
    }

    // Farther than any cell whose newline would matter.
    static constexpr std::size_t kFarAway = kMaxJoinedCells + 1;

    const LogRow& row_;
    const LineRange range_;
    const bool ascending_;
    const bool joins_;
    const std::int64_t now_ms_;
    const Core& core_;
    const SnapshotPtr snapshot_;
    std::unique_ptr<kv::Cursor> forward_;  // one of these two
    std::unique_ptr<ReverseEntries> backward_;
    std::unique_ptr<kv::Cursor> ahead_, rest_;  // made where lines are joined
    std::unique_ptr<ReverseEntries> behind_;
    bool started_ = false;
    key::Entry at_;
    record::Entry entry_;

    bool in_cell_ = false;
    CellText cell_;
    std::size_t piece_ = 0;   // ascending: the next one; descending: the one after it
    bool continues_ = false;  // its first piece belongs to an earlier cell
    bool behind_known_ = false;
    bool behind_half_ = false;
    CellText behind_cell_;  // at behind_
    bool newline_known_ = false;
    std::size_t to_newline_ = 0;    // from the current cell; kFarAway or less
    std::size_t looked_ahead_ = 0;  // ascending: how many cells ahead_ is beyond the current one
    bool ahead_at_wall_ = false;
    CellText ahead_cell_, rest_cell_;
    std::int64_t last_ms_ = 0;  // of the cell with a piece that was visited last
    bool last_half_ = false;
    bool walls_known_ = false;
    std::vector<std::int64_t> walls_ms_;  // where the row's blocks of cells begin
    std::string joined_;
    Line line_;
};

class NoLines final : public LineCursor {
  public:
    Result<bool> next() override { return false; }
    const Line& line() const override { return line_; }

  private:
    Line line_;
};

// Of most rows all lines are in blocks, which need not be found out each time.
Result<bool> has_entries(const Core& core, RowId row, const SnapshotPtr& snapshot) {
    const auto asked = core.row_memory.ask(row, RowMemory::kEntries, core.database->moment(snapshot));
    if (asked.known) return asked.fact.any;
    if (asked.turn == 0) return true;  // perhaps
    const auto cursor = core.database->cursor(kv::Space::entries, key::row(row), snapshot);
    cursor->seek_first();
    NM_TRY(cursor->status());
    const bool any = cursor->valid();
    core.row_memory.keep(row, RowMemory::kEntries, asked.turn, {nullptr, any});
    return any;
}

}  // namespace

Result<std::unique_ptr<LineCursor>> new_line_cursor(const Core& core, const LogRow& row,
                                                    const LineRange& range, const SnapshotPtr& at) {
    // Its cursors must see the same moment.
    const SnapshotPtr snapshot = at ? at : core.database->snapshot();
    NM_ASSIGN(const bool any, has_entries(core, row.id, snapshot));
    if (!any) return std::unique_ptr<LineCursor>(std::make_unique<NoLines>());
    return std::unique_ptr<LineCursor>(std::make_unique<LinesOfRow>(core, row, range, snapshot));
}

}  // namespace nmstore
