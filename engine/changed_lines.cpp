#include "engine/changed_lines.h"

#include <algorithm>
#include <utility>

#include "engine/cell_blocks.h"
#include "engine/merged_lines.h"
#include "engine/record.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

// Appended lines before a posted cell that are passed over to find the cell before it.
constexpr std::size_t kMostLookedBack = 64;

// Cursors one after the other.
class LinesInTurn final : public LineCursor {
  public:
    void add(std::unique_ptr<LineCursor> lines) { parts_.push_back(std::move(lines)); }

    Result<bool> next() override {
        for (; at_ < parts_.size(); ++at_) {
            NM_ASSIGN(const bool found, parts_[at_]->next());
            if (found) return true;
        }
        return false;
    }
    const Line& line() const override { return parts_[at_]->line(); }

  private:
    std::vector<std::unique_ptr<LineCursor>> parts_;
    std::size_t at_ = 0;
};

bool has_sequence(const std::vector<SequenceRange>& ranges, std::uint64_t sequence) {
    const auto range = std::upper_bound(ranges.begin(), ranges.end(), sequence,
                                        [](std::uint64_t s, const SequenceRange& r) { return s < r.end; });
    return range != ranges.end() && sequence >= range->first;
}

// The appended lines with numbers of the change.
class NumberedLines final : public LineCursor {
  public:
    NumberedLines(std::unique_ptr<LineCursor> lines, std::vector<SequenceRange> sequences)
        : lines_(std::move(lines)), sequences_(std::move(sequences)) {}

    Result<bool> next() override {
        for (;;) {
            NM_ASSIGN(const bool found, lines_->next());
            if (!found) return false;
            const std::uint64_t sequence = line().id.sequence;
            if (sequence != 0 && has_sequence(sequences_, sequence)) return true;
        }
    }
    const Line& line() const override { return lines_->line(); }

  private:
    const std::unique_ptr<LineCursor> lines_;
    const std::vector<SequenceRange> sequences_;
};

// Where lines begin that go on into cells of blocks. Of a cell that is no more than the middle or the end of
// a line nothing else tells that it is there: it has no line of its own.
class BeginsOfLines {
  public:
    BeginsOfLines(const Core& core, RowId row, SnapshotPtr snapshot)
        : core_(core), row_(row), snapshot_(std::move(snapshot)) {}

    // The time of the cell in which the line begins that the cell at this time goes on with; nullopt also if
    // it stands in no block. One block is kept open.
    Result<std::optional<std::int64_t>> before(std::int64_t time_ms) {
        NM_ASSIGN(const bool there, open_block(time_ms));
        if (!there) return std::optional<std::int64_t>();
        const std::vector<SealedCell>& cells = block_->cells();
        auto cell = std::partition_point(cells.begin(), cells.end(),
                                         [&](const SealedCell& each) { return each.time_ms < time_ms; });
        if (cell == cells.end() || cell->time_ms != time_ms || !cell->continues ||
            record::has_expired(cell->expires_at_ms, core_.clock.now_ms()))
            return std::optional<std::int64_t>();
        do {
            NM_CHECK(cell != cells.begin());
            --cell;
        } while (cell->lines == 0);
        return std::optional(cell->time_ms);
    }

  private:
    static bool is_within(const BlockInfo& block, std::int64_t time_ms) {
        return block.cells != 0 && block.first_cell_ms <= time_ms && time_ms <= block.last_cell_ms;
    }

    Result<bool> open_block(std::int64_t time_ms) {
        if (block_ != nullptr && is_within(block_->info(), time_ms)) return true;
        block_.reset();
        if (!blocks_) {
            NM_ASSIGN(blocks_, list_blocks(core_, row_, snapshot_));
        }
        const auto block = std::find_if(blocks_->begin(), blocks_->end(),
                                        [&](const BlockInfo& each) { return is_within(each, time_ms); });
        if (block == blocks_->end()) return false;
        NM_ASSIGN(block_, CellBlock::open(core_, *block, snapshot_));
        return true;
    }

    const Core& core_;
    const RowId row_;
    const SnapshotPtr snapshot_;
    std::optional<std::vector<BlockInfo>> blocks_;
    std::unique_ptr<CellBlock> block_;
};

// Of lines in rising order those of the cells of the change: that begin in one, or go on into one.
class CellLines final : public LineCursor {
  public:
    CellLines(std::unique_ptr<LineCursor> lines, BeginsOfLines begins, std::vector<std::int64_t> times_ms)
        : lines_(std::move(lines)), begins_(std::move(begins)), times_ms_(std::move(times_ms)) {}

    Result<bool> next() override {
        for (;;) {
            // Where the line before was shown, the cursor's own has still to be looked at.
            if (!std::exchange(repeats_, false)) {
                NM_TRY(step());
                NM_ASSIGN(repeats_, goes_on());
                told_last_ = told_last_ || repeats_;
                if (repeats_) return true;
            }
            if (ended_) return false;
            const Line& line = lines_->line();
            const auto time = std::lower_bound(times_ms_.begin(), times_ms_.end(), line.id.time_ms);
            keep(line, time != times_ms_.end() && (*time == line.id.time_ms || *time <= line.ends_in_ms));
            if (told_last_) return true;
        }
    }
    const Line& line() const override { return repeats_ ? last_ : lines_->line(); }

  private:
    // To the next line of a cell.
    Result<void> step() {
        while (!ended_) {
            NM_ASSIGN(const bool found, lines_->next());
            ended_ = !found;
            if (found && lines_->line().id.sequence == 0) break;
        }
        return {};
    }

    // Whether the line before, of which nothing was told, goes on into cells of the change that come before
    // the cursor's own, or into that. In blocks the line itself does not say so.
    Result<bool> goes_on() {
        if (!has_last_ || told_last_) return false;
        const std::int64_t to_ms = ended_ ? INT64_MAX : lines_->line().id.time_ms;
        auto time = std::upper_bound(times_ms_.begin(), times_ms_.end(), last_.id.time_ms);
        for (; time != times_ms_.end() && *time <= to_ms; ++time) {
            // Its first piece is not its own.
            if (!ended_ && *time == to_ms) return lines_->line().id.line != 0;
            NM_ASSIGN(const auto begin_ms, begins_.before(*time));
            if (begin_ms == last_.id.time_ms) return true;
        }
        return false;
    }

    void keep(const Line& line, bool told) {
        last_ = line;
        told_last_ = told;
        has_last_ = true;
        if (told) return;
        text_ = line.text;
        last_.text = text_;
        last_.fields = {};
    }

    const std::unique_ptr<LineCursor> lines_;
    BeginsOfLines begins_;
    const std::vector<std::int64_t> times_ms_;
    Line last_;  // the line before
    std::string text_;
    bool has_last_ = false;
    bool told_last_ = false;
    bool repeats_ = false;  // the line before is shown
    bool ended_ = false;
};

LineRange ascending(std::int64_t from_ms, std::int64_t last_ms) {
    LineRange range;
    range.from_ms = from_ms;
    range.to_ms = last_ms == INT64_MAX ? INT64_MAX : last_ms + 1;
    range.order = Order::ascending;
    return range;
}

// The blocks that were made of a change's lines are read alone as long as they are there and hold all of
// them; else the lines are found by their numbers.
Result<void> add_lines(const Core& core, const Change& change, const ChangedRow& changed, const LogRow& row,
                       const SnapshotPtr& snapshot, LinesInTurn& out) {
    if (changed.lines == 0) return {};
    std::uint64_t in_blocks = 0;
    std::vector<BlockInfo> blocks;
    for (const std::uint64_t number : changed.blocks) {
        NM_ASSIGN(const std::optional<BlockInfo> block, find_block(core, changed.row, number, snapshot));
        if (!block) break;
        in_blocks += block->lines;
        blocks.push_back(*block);
    }
    const LineRange range = ascending(changed.first_ms, changed.last_ms);
    if (in_blocks == changed.lines) {
        for (const BlockInfo& block : blocks) out.add(new_block_cursor(core, row, block, range, snapshot));
        return {};
    }
    NM_ASSIGN(auto lines, new_merged_cursor(core, row, range, snapshot));
    out.add(std::make_unique<NumberedLines>(std::move(lines), change.sequences));
    return {};
}

// From the last line of a cell before the first of the change's: it may go on into that.
Result<void> add_cells(const Core& core, const ChangedRow& changed, const LogRow& row,
                       const SnapshotPtr& snapshot, LinesInTurn& out) {
    const std::vector<std::int64_t>& times_ms = changed.cells_ms;
    if (times_ms.empty()) return {};
    LineRange range = ascending(times_ms.front(), times_ms.back());
    LineRange before;
    before.to_ms = times_ms.front();
    NM_ASSIGN(const auto earlier, new_merged_cursor(core, row, before, snapshot));
    for (std::size_t looked_at = 0; looked_at < kMostLookedBack; ++looked_at) {
        NM_ASSIGN(const bool found, earlier->next());
        if (!found) break;
        if (earlier->line().id.sequence != 0) continue;
        range.from_ms = earlier->line().id.time_ms;
        break;
    }
    NM_ASSIGN(auto lines, new_merged_cursor(core, row, range, snapshot));
    out.add(
        std::make_unique<CellLines>(std::move(lines), BeginsOfLines(core, changed.row, snapshot), times_ms));
    return {};
}

}  // namespace

Result<std::vector<Change>> read_changes(const Core& core, ChangeNumber from, std::size_t max_bytes) {
    std::vector<Change> out;
    std::size_t bytes = 0;
    std::optional<Error> fault;
    NM_TRY(core.changes.read(from, [&](ChangeNumber number, std::string_view stored) {
        auto record = parse_change(stored);
        if (!record.ok()) {
            fault = record.error();
            return false;
        }
        Change change;
        change.number = number;
        change.time_ms = record->time_ms;
        change.foreign = record->foreign;
        change.sequences = std::move(record->sequences);
        change.rows = std::move(record->rows);
        for (StoredValue& value : record->values) {
            const FamilyPtr family = core.families.find_id(value.family);
            if (family == nullptr) continue;
            const SchemaPtr schema = family->schema();
            auto column = decode_sortable(schema->info.comparator, value.column);
            if (!column.ok()) continue;
            change.values.push_back(
                {schema->info.name, std::move(value.row), std::move(*column), std::move(value.value)});
        }
        out.push_back(std::move(change));
        bytes += stored.size();
        return bytes < max_bytes;
    }));
    if (fault) return *fault;
    return out;
}

Result<std::unique_ptr<LineCursor>> new_changed_lines(const Core& core, const Change& change,
                                                      const ChangedRow& changed, const LogRow& row,
                                                      const SnapshotPtr& at) {
    const SnapshotPtr snapshot = at ? at : core.database->snapshot();
    auto out = std::make_unique<LinesInTurn>();
    NM_TRY(add_lines(core, change, changed, row, snapshot, *out));
    NM_TRY(add_cells(core, changed, row, snapshot, *out));
    return std::unique_ptr<LineCursor>(std::move(out));
}

}  // namespace nmstore
