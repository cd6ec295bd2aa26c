#include "engine/slice.h"

#include <algorithm>

#include "engine/block_lines.h"
#include "engine/cell_blocks.h"
#include "engine/key.h"
#include "engine/time_cell.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

// "" is an open end, as in Cassandra.
Result<std::string> bound(ValueType comparator, const std::optional<std::string>& column) {
    if (!column || column->empty()) return std::string();
    return encode_sortable(comparator, *column);
}

Result<Slice> slice_of_cells(RecordWalk& walk, const Schema& schema, const SliceRange& range) {
    Slice out;
    for (;;) {
        NM_ASSIGN(const bool found, walk.next());
        if (!found) return out;
        if (out.cells.size() == range.limit) {
            out.more = true;
            return out;
        }
        NM_ASSIGN(std::string column, decode_sortable(schema.info.comparator, walk.key()));
        const record::Entry& entry = walk.entry();
        out.cells.push_back({std::move(column), std::string(entry.value), entry.expires_at_ms});
    }
}

// What stands in a time row, fresh or in blocks, in order of time and sequence.
class TimeWalk {
  public:
    TimeWalk(RecordWalk& fresh, BlockLines& sealed, CellsInBlocks& cells, bool reversed)
        : fresh_(fresh), sealed_(sealed), cells_(cells), reversed_(reversed) {}

    Result<bool> next() {
        if (taken_ == Taken::none || taken_ == Taken::fresh) {
            NM_ASSIGN(has_fresh_, fresh_.next());
            if (has_fresh_) {
                NM_ASSIGN(fresh_at_, key::parse_entry(fresh_.key()));
            }
        }
        if (taken_ == Taken::none || taken_ == Taken::sealed) {
            NM_ASSIGN(has_sealed_, sealed_.next());
        }
        if (taken_ == Taken::none || taken_ == Taken::cell) {
            NM_ASSIGN(has_cell_, cells_.next());
        }
        if (!has_fresh_ && !has_sealed_ && !has_cell_) return false;
        choose();
        if (taken_ == Taken::fresh) {
            entry_ = fresh_.entry();
            time_ms_ = fresh_at_.time_ms;
        } else if (taken_ == Taken::cell) {
            NM_ASSIGN(const std::string_view value, cells_.value());
            entry_ = {false, cells_.expires_at_ms(), value, {}};
            time_ms_ = cells_.time_ms();
        } else {
            entry_ = {true, 0, sealed_.text(), sealed_.fields()};
            time_ms_ = sealed_.id().time_ms;
        }
        return true;
    }
    const record::Entry& entry() const { return entry_; }
    std::int64_t time_ms() const { return time_ms_; }

  private:
    enum class Taken : std::uint8_t { none, fresh, sealed, cell };
    using Place = std::pair<std::int64_t, std::uint64_t>;

    void choose() {
        taken_ = Taken::none;
        Place nearest;
        const auto offer = [&](bool there, Taken source, const auto& place) {
            if (!there) return;
            const Place at = place();
            if (taken_ != Taken::none && (reversed_ ? at < nearest : nearest < at)) return;
            taken_ = source;
            nearest = at;
        };
        offer(has_fresh_, Taken::fresh, [&] { return Place(fresh_at_.time_ms, fresh_at_.sequence); });
        offer(has_sealed_, Taken::sealed, [&] { return Place(sealed_.id().time_ms, sealed_.id().sequence); });
        offer(has_cell_, Taken::cell, [&] { return Place(cells_.time_ms(), std::uint64_t{0}); });
    }

    RecordWalk& fresh_;
    BlockLines& sealed_;    // appended lines
    CellsInBlocks& cells_;  // posted cells
    const bool reversed_;
    bool has_fresh_ = false;
    bool has_sealed_ = false;
    bool has_cell_ = false;
    Taken taken_ = Taken::none;
    key::Entry fresh_at_;
    record::Entry entry_;
    std::int64_t time_ms_ = 0;
};

// Everything of one time is one cell. Backwards, the lines of a time come before its posted cell and in
// falling order.
class TimeSlice {
  public:
    TimeSlice(RowKind kind, const SliceRange& range) : kind_(kind), range_(range) {}

    Result<Slice> read(TimeWalk& walk) {
        for (;;) {
            NM_ASSIGN(const bool found, walk.next());
            if (!found) break;
            if (started_ && walk.time_ms() != time_ms_) finish();
            if (!started_ && out_.cells.size() == range_.limit) {
                out_.more = true;
                return std::move(out_);
            }
            started_ = true;
            time_ms_ = walk.time_ms();
            take(walk.entry());
        }
        if (started_) finish();
        return std::move(out_);
    }

  private:
    void take(const record::Entry& entry) {
        if (!entry.is_line) {
            cell_.set_posted(entry.value, entry.expires_at_ms);
        } else if (range_.reversed) {
            lines_.emplace_back(entry.value);
        } else {
            cell_.add_line(entry.value);
        }
    }

    void finish() {
        for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) cell_.add_line(*line);
        out_.cells.push_back({std::to_string(time_ms_), cell_.value(kind_, time_ms_), cell_.expires_at_ms()});
        cell_.clear();
        lines_.clear();
        started_ = false;
    }

    const RowKind kind_;
    const SliceRange& range_;
    Slice out_;
    TimeCell cell_;
    std::vector<std::string> lines_;
    bool started_ = false;
    std::int64_t time_ms_ = 0;
};

// Sortable bounds of a slice of a time row; "" is an open end.
Result<BlockRange> range_in_blocks(const std::string& first, const std::string& last, bool reversed) {
    BlockRange range;
    range.order = reversed ? Order::descending : Order::ascending;
    const std::string& low = reversed ? last : first;
    const std::string& high = reversed ? first : last;
    if (!low.empty()) {
        NM_ASSIGN(const key::Entry at, key::parse_entry(low));
        range.first_ms = at.time_ms;
    }
    if (!high.empty()) {
        NM_ASSIGN(const key::Entry at, key::parse_entry(high));
        range.last_ms = at.time_ms;
    }
    return range;
}

}  // namespace

RecordWalk::RecordWalk(const Core& core, kv::Space space, RowId row, std::string first, std::string last,
                       bool reversed, const SnapshotPtr& snapshot)
    : cursor_(core.database->cursor(space, key::row(row), snapshot)),
      now_ms_(core.clock.now_ms()),
      low_(reversed ? std::move(last) : std::move(first)),
      high_(reversed ? std::move(first) : std::move(last)),
      reversed_(reversed) {}

bool RecordWalk::inside() const {
    const std::string_view key = cursor_->key();
    if (reversed_) return low_.empty() || key >= low_;
    return high_.empty() || key <= high_;
}

Result<bool> RecordWalk::next() {
    for (;;) {
        if (started_) {
            reversed_ ? cursor_->prev() : cursor_->next();
        } else if (reversed_) {
            high_.empty() ? cursor_->seek_last() : cursor_->seek_for_prev(high_);
        } else {
            low_.empty() ? cursor_->seek_first() : cursor_->seek(low_);
        }
        started_ = true;
        if (!cursor_->valid()) {
            NM_TRY(cursor_->status());
            return false;
        }
        if (!inside()) return false;
        NM_ASSIGN(entry_, record::parse_entry(cursor_->value()));
        if (!record::has_expired(entry_.expires_at_ms, now_ms_)) return true;
    }
}

Result<Slice> read_slice(const Core& core, const Schema& schema, std::string_view row,
                         const SliceRange& range) {
    const ValueType comparator = schema.info.comparator;
    NM_ASSIGN(std::string first, bound(comparator, range.from));
    NM_ASSIGN(std::string last, bound(comparator, range.to));
    if (row.empty()) return Error{Code::invalid_argument, "the row key is empty"};
    NM_ASSIGN(const RowPtr found, core.catalogue.find(schema.info.id, row));
    if (found == nullptr) return Slice{};
    if (!schema.info.is_time_family()) {
        RecordWalk walk(core, kv::Space::cells, found->id, std::move(first), std::move(last), range.reversed);
        return slice_of_cells(walk, schema, range);
    }
    const SnapshotPtr snapshot = core.database->snapshot();
    NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core, found->id, snapshot));
    NM_ASSIGN(const BlockRange in_blocks, range_in_blocks(first, last, range.reversed));
    CellsInBlocks cells(core, blocks, in_blocks, snapshot);
    std::erase_if(blocks, [](const BlockInfo& block) { return block.cells != 0; });
    BlockLines sealed(core, std::move(blocks), in_blocks, snapshot);
    // The greater bound includes the lines appended at its time.
    std::string& greater = range.reversed ? first : last;
    if (!greater.empty()) greater.append(9, '\xff');
    RecordWalk fresh(core, kv::Space::entries, found->id, std::move(first), std::move(last), range.reversed,
                     snapshot);
    TimeWalk walk(fresh, sealed, cells, range.reversed);
    const auto day_row = parse_day_row(row);
    return TimeSlice(day_row ? day_row->kind : RowKind::other, range).read(walk);
}

Result<bool> has_live_cell(const Core& core, kv::Space space, RowId row, std::int64_t now_ms) {
    // Cells move from entries into blocks and back: both must be of the same moment.
    const SnapshotPtr snapshot = space == kv::Space::entries ? core.database->snapshot() : nullptr;
    const auto cursor = core.database->cursor(space, key::row(row), snapshot);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        NM_ASSIGN(const record::Entry entry, record::parse_entry(cursor->value()));
        if (!record::has_expired(entry.expires_at_ms, now_ms)) return true;
    }
    NM_TRY(cursor->status());
    if (space != kv::Space::entries) return false;
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core, row, snapshot));
    return std::any_of(blocks.begin(), blocks.end(),
                       [&](const BlockInfo& block) { return !block.all_expired(now_ms); });
}

}  // namespace nmstore
