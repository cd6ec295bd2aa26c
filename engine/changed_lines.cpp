#include "engine/changed_lines.h"

#include <algorithm>
#include <utility>

#include "engine/line_cursor.h"
#include "engine/merged_lines.h"
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

// Of lines in rising order those of the cells of the change: that begin in one, or go on into one.
class CellLines final : public LineCursor {
  public:
    CellLines(std::unique_ptr<LineCursor> lines, std::vector<std::int64_t> times_ms)
        : lines_(std::move(lines)), times_ms_(std::move(times_ms)) {}

    Result<bool> next() override {
        if (std::exchange(repeats_, false)) {
            keep(lines_->line(), true);
            return true;
        }
        for (;;) {
            NM_ASSIGN(const bool found, lines_->next());
            if (!found) return false;
            const Line& line = lines_->line();
            if (line.id.sequence != 0) continue;
            const bool is_first_of_cell = line.id.time_ms != last_.id.time_ms || !has_last_;
            const auto time = std::lower_bound(times_ms_.begin(), times_ms_.end(), line.id.time_ms);
            const bool begins_here = time != times_ms_.end() && *time == line.id.time_ms;
            // Its cell's first piece belongs to the line before: in a block nothing else tells that.
            if (begins_here && is_first_of_cell && line.id.line != 0 && has_last_ && !told_last_) {
                told_last_ = true;
                repeats_ = true;
                return true;
            }
            if (begins_here || (time != times_ms_.end() && *time <= line.ends_in_ms)) {
                keep(line, true);
                return true;
            }
            keep(line, false);
        }
    }
    const Line& line() const override { return repeats_ ? last_ : lines_->line(); }

  private:
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
    const std::vector<std::int64_t> times_ms_;
    Line last_;  // the line before
    std::string text_;
    bool has_last_ = false;
    bool told_last_ = false;
    bool repeats_ = false;  // the line before is shown, and the cursor's own comes next
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
    out.add(std::make_unique<CellLines>(std::move(lines), times_ms));
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
