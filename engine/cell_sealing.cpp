#include "engine/cell_sealing.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "engine/cell_block_builder.h"
#include "engine/cell_blocks.h"
#include "engine/cell_run.h"
#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

constexpr std::size_t kMaxAgainBlocks = 4;

// The live cells of entries and of some blocks, in order of time.
class CellSource {
  public:
    CellSource(const Core& core, RowId row, const SnapshotPtr& snapshot, const CellSealing& how)
        : to_ms_(how.to_ms),
          now_ms_(core.clock.now_ms()),
          entries_(core.database->cursor(kv::Space::entries, key::row(row), snapshot, true)),
          sealed_(core, how.again, BlockRange{}, snapshot) {
        entries_->seek(key::entry(how.from_ms, 0));
    }

    Result<bool> next() {
        if (!started_ || from_entries_) {
            if (started_) entries_->next();
            NM_TRY(find_entry());
        }
        if (!started_ || !from_entries_) {
            NM_ASSIGN(has_sealed_, sealed_.next());
        }
        started_ = true;
        if (!has_entry_ && !has_sealed_) return false;
        from_entries_ = has_entry_ && (!has_sealed_ || entry_ms_ < sealed_.time_ms());
        return true;
    }
    bool from_entries() const { return from_entries_; }
    std::int64_t time_ms() const { return from_entries_ ? entry_ms_ : sealed_.time_ms(); }
    std::int64_t expires_at_ms() const {
        return from_entries_ ? entry_.expires_at_ms : sealed_.expires_at_ms();
    }
    Result<std::string_view> value() {
        if (!from_entries_) return sealed_.value();
        return entry_.value;
    }

  private:
    Result<void> find_entry() {
        for (has_entry_ = false; entries_->valid(); entries_->next()) {
            NM_ASSIGN(const key::Entry at, key::parse_entry(entries_->key()));
            if (at.time_ms > to_ms_) return {};
            if (at.sequence != 0) continue;
            NM_ASSIGN(entry_, record::parse_entry(entries_->value()));
            if (record::has_expired(entry_.expires_at_ms, now_ms_)) continue;
            entry_ms_ = at.time_ms;
            has_entry_ = true;
            return {};
        }
        return entries_->status();
    }

    const std::int64_t to_ms_;
    const std::int64_t now_ms_;
    const std::unique_ptr<kv::Cursor> entries_;
    CellsInBlocks sealed_;
    record::Entry entry_;
    std::int64_t entry_ms_ = 0;
    bool has_entry_ = false;
    bool has_sealed_ = false;
    bool from_entries_ = false;
    bool started_ = false;
};

class RowSealing {
  public:
    RowSealing(Core& core, RowId row, RowKind kind, const SnapshotPtr& snapshot, const CellSealing& how)
        : core_(core), row_(row), kind_(kind), snapshot_(snapshot), how_(how), run_(kind) {}

    Result<SealedCells> seal() {
        NM_ASSIGN(borders_, other_blocks());
        CellSource source(core_, row_, snapshot_, how_);
        for (;;) {
            NM_ASSIGN(const bool found, source.next());
            if (!found) break;
            NM_ASSIGN(const std::string_view value, source.value());
            NM_TRY(take(source, value));
            if (how_.again.empty()) {
                out_.more = out_.text_bytes >= how_.max_bytes;
                if (out_.more) break;
            } else if (out_.text_bytes > kMaxAgainBlocks * how_.block_bytes) {
                return SealedCells{};  // there is more between the blocks than they are worth
            }
        }
        if (!out_.more) NM_TRY(end_row());
        // What of a block has no line left would be lost.
        if (from_blocks_ != 0) return SealedCells{};
        out_.replaced = how_.again;
        return std::move(out_);
    }

  private:
    struct Held {
        std::int64_t time_ms;
        std::int64_t expires_at_ms;
        bool from_entries;
        bool has_text;
        std::string value;
    };

    Result<std::vector<BlockInfo>> other_blocks() const {
        NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core_, row_, snapshot_));
        std::erase_if(blocks, [&](const BlockInfo& block) {
            const bool again = std::any_of(how_.again.begin(), how_.again.end(), [&](const BlockInfo& other) {
                return other.number == block.number;
            });
            return block.cells == 0 || again;
        });
        std::sort(blocks.begin(), blocks.end(),
                  [](const BlockInfo& a, const BlockInfo& b) { return a.first_cell_ms > b.first_cell_ms; });
        return blocks;
    }

    Result<void> take(const CellSource& source, std::string_view value) {
        // A run ends before a block, and no line crosses there.
        while (!borders_.empty() && borders_.back().first_cell_ms < source.time_ms()) {
            NM_TRY(end_alone(borders_.back().decided_to_ms));
            borders_.pop_back();
            NM_TRY(finish_run());
            drop_group();
            open_ = OpenLines();
        }
        if (!source.from_entries()) ++from_blocks_;
        if (value.size() > kMaxGroupBytes) {
            // Not even taken apart.
            too_large_ = true;
            let_group_go();
            open_.add_unknown();
            return {};
        }
        text_.assign(kind_, value);
        const CellEnd end = CellEnd::of(text_, source.expires_at_ms());
        open_.add(end);
        if (!too_large_) {
            group_bytes_ += value.size();
            group_.push_back({source.time_ms(), source.expires_at_ms(), source.from_entries(), end.has_text,
                              std::string(value)});
            too_large_ = group_.size() > kMaxGroupCells || group_bytes_ > kMaxGroupBytes;
            if (too_large_) let_group_go();
        }
        if (open_.decided()) return take_decided();
        if (!open_.closed()) return {};
        if (too_large_ || begins_open_ || !open_.fits()) {
            NM_TRY(finish_run());
        } else {
            NM_TRY(add_first(group_.size(), INT64_MIN));
        }
        drop_group();
        return {};
    }

    // All of the group but the last half cells.
    Result<void> take_decided() {
        if (too_large_) {
            NM_TRY(finish_run());
            drop_group();
            begins_open_ = true;  // until as many half cells have come again
            return {};
        }
        std::size_t count = group_.size();
        std::size_t left = kMaxJoinedCells;
        for (; count > 0 && (left > 0 || !group_[count - 1].has_text); --count)
            left -= group_[count - 1].has_text ? 1 : 0;
        if (count == 0) return {};
        begins_open_ = false;
        if (!open_.fits()) {
            NM_TRY(finish_run());
        } else {
            NM_TRY(add_first(count, group_.back().time_ms));
        }
        for (std::size_t i = 0; i < count; ++i) group_bytes_ -= group_[i].value.size();
        group_.erase(group_.begin(), group_.begin() + static_cast<std::ptrdiff_t>(count));
        open_.begin();
        return {};
    }

    // The first cells of the group; `decided_to_ms`: see BlockInfo.
    Result<void> add_first(std::size_t count, std::int64_t decided_to_ms) {
        for (std::size_t i = 0; i < count; ++i) add(group_[i]);
        decided_to_ms_ = decided_to_ms;
        if (run_.full(how_.block_bytes)) NM_TRY(finish_run());
        return {};
    }

    // No line goes on behind the group: it is known from elsewhere.
    Result<void> end_alone(std::int64_t decided_to_ms) {
        if (group_.empty() || too_large_ || begins_open_ || !open_.fits()) return {};
        NM_TRY(add_first(group_.size(), decided_to_ms));
        drop_group();
        return {};
    }

    Result<void> end_row() {
        // As the last of the blocks ended.
        if (!group_.empty() && !group_.back().from_entries)
            NM_TRY(end_alone(how_.again.back().decided_to_ms));
        if (how_.over) NM_TRY(end_alone(INT64_MAX));
        return finish_run(true);
    }

    void let_group_go() {
        group_ = {};
        group_bytes_ = 0;
    }

    void drop_group() {
        group_.clear();
        group_bytes_ = 0;
        too_large_ = false;
        begins_open_ = false;
        open_.begin();
    }

    void add(const Held& held) {
        if (group_.size() > 1) text_.assign(kind_, held.value);
        run_.add(held.time_ms, held.expires_at_ms, held.value, text_);
        if (!held.from_entries) {
            ++run_from_blocks_;
            return;
        }
        run_times_.push_back(held.time_ms);
    }

    // `last`: newer cells will make it longer.
    Result<void> finish_run(bool last = false) {
        if (run_.empty()) return {};
        if (last && how_.again.empty() && run_.bytes() < how_.min_run_bytes) {
            out_.left_cells = run_times_.size();
            out_.left_bytes = run_.bytes();
            run_ = CellBlockBuilder(kind_);
        } else {
            NM_ASSIGN(BuiltBlock block, run_.build(core_, row_, how_.level, decided_to_ms_));
            if (block.info.number != 0) {
                from_blocks_ -= run_from_blocks_;
                out_.text_bytes += block.info.text_bytes;
                out_.cell_times_ms.insert(out_.cell_times_ms.end(), run_times_.begin(), run_times_.end());
                out_.blocks.push_back(std::move(block));
            }
        }
        run_times_.clear();
        run_from_blocks_ = 0;
        return {};
    }

    Core& core_;
    const RowId row_;
    const RowKind kind_;
    const SnapshotPtr snapshot_;
    const CellSealing& how_;
    std::vector<BlockInfo> borders_;  // that stay, the next one last
    OpenLines open_;
    CellText text_;
    std::vector<Held> group_;  // since the last place that no line crosses
    std::size_t group_bytes_ = 0;
    bool too_large_ = false;
    bool begins_open_ = false;  // a line may go on into it
    CellBlockBuilder run_;
    std::int64_t decided_to_ms_ = INT64_MIN;  // of its end
    std::vector<std::int64_t> run_times_;     // of its cells that come from entries
    std::size_t run_from_blocks_ = 0;
    std::size_t from_blocks_ = 0;  // cells of `again` that are in no new block (yet)
    SealedCells out_;
};

}  // namespace

Result<SealedCells> seal_cells(Core& core, RowId row, RowKind kind, const SnapshotPtr& snapshot,
                               const CellSealing& how) {
    return RowSealing(core, row, kind, snapshot, how).seal();
}

void put_sealed_cells(kv::Batch& batch, Row& row, const SealedCells& sealed) {
    const std::string partition = key::row(row.id);
    for (const BlockInfo& block : sealed.replaced) erase_block(batch, block);
    for (const std::int64_t time_ms : sealed.cell_times_ms)
        batch.remove(kv::Space::entries, partition, key::entry(time_ms, 0));
    for (const BuiltBlock& block : sealed.blocks) {
        put_block(batch, block);
        // Unknown is the greatest.
        row.cells_sealed_to_ms = std::max(row.cells_sealed_to_ms, block.info.decided_to_ms);
    }
}

}  // namespace nmstore
