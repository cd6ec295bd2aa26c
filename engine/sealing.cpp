#include "engine/sealing.h"

#include <vector>

#include "engine/block/block.h"
#include "engine/block_builder.h"
#include "engine/cell_sealing.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/row_at_work.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

// Fewer keys in a row are removed one by one. A range that is removed costs whoever reads next as much as all
// ranges that memory holds: the database puts them in order anew after each. With so many keys a range, the
// write buffer has a few hundred of them at most, and not one for each of thousands of slow rows.
constexpr std::size_t kLeastRange = 256;

// Lines that can be sealed and stand one behind the other, with nothing between them.
struct Run {
    std::vector<key::Entry> lines;
};

// Goes through the entries of a row and gathers lines for one block after the other.
class LineSealing {
  public:
    LineSealing(Core& core, RowAtWork& work)
        : core_(core),
          work_(work),
          partition_(key::row(work.row().id)),
          cursor_(core.database->cursor(kv::Space::entries, partition_, work.snapshot(), true)) {
        cursor_->seek_first();
    }

    Result<Sealed> run(bool all, const std::function<bool()>& go_on) {
        for (;;) {
            NM_TRY(gather());
            if (lines_.empty()) return out_;
            const bool full = lines_.full(core_.sealing.block_bytes);
            out_.stopped = !go_on();
            if (out_.stopped || (!full && !all)) {
                out_.left_lines += lines_.lines();
                out_.left_bytes += lines_.bytes();
                return out_;
            }
            NM_ASSIGN(const bool applied, write());
            if (!applied) return out_;
        }
    }

  private:
    Result<void> gather() {
        runs_.clear();
        bool adjacent = false;
        for (; cursor_->valid() && !lines_.full(core_.sealing.block_bytes); cursor_->next()) {
            NM_ASSIGN(const key::Entry at, key::parse_entry(cursor_->key()));
            NM_ASSIGN(const record::Entry entry, record::parse_entry(cursor_->value()));
            if (!entry.is_line || !BlockBuilder::fits(entry.fields)) {
                adjacent = false;
                continue;
            }
            if (!adjacent) runs_.emplace_back();
            adjacent = true;
            runs_.back().lines.push_back(at);
            lines_.add(at.time_ms, at.sequence, entry.value, entry.fields);
        }
        return cursor_->status();
    }

    Result<bool> write() {
        const Sealed before = out_;
        out_.lines += lines_.lines();
        out_.text_bytes += lines_.bytes();
        ++out_.blocks;
        NM_ASSIGN(const BuiltBlock block, lines_.build(core_, work_.row().id, block::kFastLevel));
        const auto batch = core_.database->new_batch();
        put_block(*batch, block);
        NM_ASSIGN(const bool applied, work_.apply(*batch, [&](std::int64_t untouched_before_ms) {
            for (const Run& run : runs_) remove(*batch, run, untouched_before_ms);
        }));
        if (applied) return true;
        out_ = before;
        out_.disturbed = true;
        return false;
    }

    // As one range as far as nothing can have come in between.
    void remove(kv::Batch& batch, const Run& run, std::int64_t untouched_before_ms) const {
        std::size_t ranged = 0;
        while (ranged < run.lines.size() && run.lines[ranged].time_ms < untouched_before_ms) ++ranged;
        if (ranged < kLeastRange) ranged = 0;
        if (ranged != 0) {
            const key::Entry& first = run.lines.front();
            const key::Entry& last = run.lines[ranged - 1];
            batch.remove_range(kv::Space::entries, partition_, key::entry(first.time_ms, first.sequence),
                               key::entry(last.time_ms, last.sequence + 1));
        }
        for (std::size_t i = ranged; i < run.lines.size(); ++i)
            batch.remove(kv::Space::entries, partition_,
                         key::entry(run.lines[i].time_ms, run.lines[i].sequence));
    }

    Core& core_;
    RowAtWork& work_;
    const std::string partition_;
    const std::unique_ptr<kv::Cursor> cursor_;
    BlockBuilder lines_;
    std::vector<Run> runs_;
    Sealed out_;
};

}  // namespace

Result<Sealed> seal_lines(Core& core, RowId row, bool all, const std::function<bool()>& go_on) {
    NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row));
    if (work == nullptr) return Sealed{};
    return LineSealing(core, *work).run(all, go_on);
}

namespace {

// What is in closed runs; `done`: nothing is left to be done.
Result<Sealed> seal_some_cells(Core& core, RowId row, bool all, bool for_good, bool& done) {
    Sealed out;
    done = true;
    auto cursor = core.database->cursor(kv::Space::entries, key::row(row));
    cursor->seek_last();
    NM_TRY(cursor->status());
    if (!cursor->valid()) return out;
    NM_ASSIGN(const key::Entry last, key::parse_entry(cursor->key()));
    cursor.reset();
    NM_ASSIGN(std::unique_ptr<RowAtWork> work, RowAtWork::begin(core, row, last.time_ms));
    if (work == nullptr) return out;
    const auto day_row = parse_day_row(work->row().key);
    CellSealing how;
    how.to_ms = last.time_ms;
    how.over = for_good && day_row && day_row->day < day_of(core.clock.now_ms());
    if (how.over) {  // then it matters what comes behind the last entry
        work.reset();
        how.to_ms = INT64_MAX;
        NM_ASSIGN(work, RowAtWork::begin(core, row, how.to_ms));
        if (work == nullptr) return out;
    }
    how.block_bytes = core.sealing.block_bytes;
    // Texts are shorter than the values that made the row due.
    how.min_run_bytes = all ? 0 : core.sealing.block_bytes / 4;
    NM_ASSIGN(const SealedCells sealed,
              seal_cells(core, row, day_row ? day_row->kind : RowKind::other, work->snapshot(), how));
    out.left_lines = sealed.left_cells;
    out.left_bytes = sealed.left_bytes;
    if (sealed.blocks.empty()) return out;
    const auto batch = core.database->new_batch();
    NM_ASSIGN(const bool applied, work->apply(*batch, [&](std::int64_t) {
        put_sealed_cells(*batch, work->locked_row(), sealed);
    }));
    out.disturbed = !applied;
    if (!applied) return out;
    done = !sealed.more;
    out.blocks = sealed.blocks.size();
    out.lines = sealed.cell_times_ms.size();
    out.text_bytes = sealed.text_bytes;
    return out;
}

}  // namespace

Result<Sealed> seal_posted_cells(Core& core, RowId row, bool all, bool for_good,
                                 const std::function<bool()>& go_on) {
    Sealed sum;
    for (bool done = false; !done && !sum.disturbed;) {
        sum.stopped = !go_on();
        if (sum.stopped) break;
        NM_ASSIGN(const Sealed some, seal_some_cells(core, row, all, for_good, done));
        sum.blocks += some.blocks;
        sum.lines += some.lines;
        sum.text_bytes += some.text_bytes;
        sum.left_lines = some.left_lines;
        sum.left_bytes = some.left_bytes;
        sum.disturbed = some.disturbed;
    }
    return sum;
}

Result<Sealed> count_fresh(const Core& core, RowId row) {
    Sealed out;
    const auto cursor = core.database->cursor(kv::Space::entries, key::row(row), nullptr, true);
    for (cursor->seek_first(); cursor->valid() && out.left_bytes < core.sealing.block_bytes; cursor->next()) {
        NM_ASSIGN(const record::Entry entry, record::parse_entry(cursor->value()));
        if (!BlockBuilder::fits(entry.fields)) continue;
        ++out.left_lines;
        out.left_bytes += entry.value.size() + entry.fields.size();
    }
    NM_TRY(cursor->status());
    return out;
}

}  // namespace nmstore
