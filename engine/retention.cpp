#include "engine/retention.h"

#include <algorithm>
#include <unordered_map>

#include "engine/commit.h"
#include "engine/forgotten_names.h"
#include "engine/given_back_room.h"
#include "engine/key.h"
#include "engine/retention_plan.h"
#include "engine/row_listing.h"
#include "engine/row_sizes.h"

namespace nmstore {
namespace {

constexpr std::size_t kRowsPerStep = 64;      // one batch: a few milliseconds under these rows' locks
constexpr std::size_t kMaxSpans = 16;         // of rows that are looked at by themselves
constexpr std::size_t kCountersPerRow = 256;  // removed one by one; a row of more of them as a range
// Files of entries that are compacted before anything goes for room: sealed lines leave much behind in them.
constexpr std::uint64_t kMaxSettledBytes = std::uint64_t{256} << 20;

Error stopped() {
    return {Code::cancelled, "the retention was stopped"};
}

class Retention {
  public:
    Retention(Core& core, const RetentionPolicy& policy, bool dry_run, const Progress& progress)
        : core_(core), policy_(policy), dry_run_(dry_run), progress_(progress) {}

    Result<RetentionReport> run() {
        NM_TRY(look());
        NM_ASSIGN(RetentionPlan plan, decide());
        report_.over_bytes = plan.left_bytes > policy_.max_bytes ? plan.left_bytes - policy_.max_bytes : 0;
        report_.store_bytes = plan.left_bytes;
        if (policy_.max_bytes == 0) report_.over_bytes = report_.store_bytes = 0;
        NM_TRY(drop(plan.drops));
        if (!dry_run_ && !plan.drops.empty()) {
            if (policy_.forget_names) {
                NM_ASSIGN(report_.names, forget_names(core_, dropped_));
            }
            NM_TRY(core_.wait_for_all());
            NM_TRY(give_back(plan.drops));
        } else if (!dry_run_ && !core_.database->writable()) {
            // What went before may still be there: somebody was reading it, or a compaction had no room.
            NM_TRY(give_back({}));
        }
        return std::move(report_);
    }

  private:
    // Only what is needed of each row is kept: there may be very many.
    Result<void> look() {
        RowSelection selection;
        selection.accept = [this](const LogRow& row) {
            ids_.push_back(row.id);
            if (const auto dated = dated_row(policy_, row)) dated_.push_back(*dated);
            return false;
        };
        NM_TRY(list_log_rows(core_, selection, nullptr));
        std::sort(ids_.begin(), ids_.end());
        return {};
    }

    Result<RetentionPlan> plan(std::uint64_t held) {
        return plan_retention(dated_, policy_.max_bytes, held, core_.clock.now_ms(),
                              [this](RowId id) { return row_bytes(core_, id); });
    }

    // What is measured first is cheap, and too much rather than too little. Only if something were to go for
    // room is it measured with care, after files that lag behind have been put in order.
    Result<RetentionPlan> decide() {
        if (policy_.max_bytes == 0) return plan(0);
        NM_ASSIGN(const std::uint64_t at_most, store_bytes(core_));
        NM_ASSIGN(RetentionPlan first, plan(at_most));
        const bool for_room = std::any_of(first.drops.begin(), first.drops.end(),
                                          [](const RowToDrop& row) { return !row.by_age; });
        if (!for_room && first.left_bytes <= policy_.max_bytes) return first;
        if (!dry_run_) NM_TRY(settle(first.drops));
        const std::vector<RowSpan> spans = consecutive_rows(ids_);
        NM_ASSIGN(const std::uint64_t held, store_bytes(core_, &spans));
        return plan(held);
    }

    Result<void> settle(const std::vector<RowToDrop>& candidates) {
        NM_ASSIGN(const std::uint64_t entries, core_.database->space_size(kv::Space::entries));
        if (ids_.empty() || !core_.database->writable()) return {};
        const std::vector<RowSpan> all{{ids_.front(), ids_.back()}};
        return core_.database->compact_partitions(
            kv::Space::entries,
            partitions_of(entries <= kMaxSettledBytes ? all : row_spans(ids_of(candidates), ids_, kMaxSpans)),
            progress_);
    }

    static std::vector<RowId> ids_of(const std::vector<RowToDrop>& rows) {
        std::vector<RowId> ids;
        for (const RowToDrop& row : rows) ids.push_back(row.id);
        std::sort(ids.begin(), ids.end());
        return ids;
    }

    Result<void> drop(const std::vector<RowToDrop>& rows) {
        for (std::size_t begin = 0; begin < rows.size(); begin += kRowsPerStep) {
            if (progress_ && !progress_({dry_run_ ? "look" : "drop", begin, rows.size(), "rows"}))
                return stopped();
            NM_TRY(drop_step(rows.data() + begin, std::min(kRowsPerStep, rows.size() - begin)));
        }
        if (progress_) progress_({dry_run_ ? "look" : "drop", rows.size(), rows.size(), "rows"});
        return {};
    }

    Result<void> drop_step(const RowToDrop* rows, std::size_t count) {
        const auto batch = core_.database->new_batch();
        std::unordered_map<std::string, FamilyWrites> parts;  // by family
        std::vector<std::pair<RowToDrop, LogRow>> gone;
        for (std::size_t i = 0; i < count; ++i) {
            NM_ASSIGN(std::optional<LogRow> row, find_log_row(core_, rows[i].id, nullptr));
            if (!row) continue;  // somebody removed it meanwhile
            if (!dry_run_) {
                const FamilyPtr family = core_.families.find(row->family);
                if (family == nullptr) continue;
                auto [part, fresh] = parts.try_emplace(row->family, core_, *batch, family);
                NM_TRY(part->second.remove_row(row->key));
                NM_TRY(remove_counters(*batch, row->key));
            }
            gone.emplace_back(rows[i], std::move(*row));
        }
        if (!dry_run_ && !gone.empty()) {
            std::vector<FamilyWrites*> writes;
            for (auto& [name, part] : parts) writes.push_back(&part);
            NM_TRY(apply_writes(core_, *batch, std::move(writes), BatchKind::removal));
        }
        for (const auto& [drop, row] : gone) note(drop, row);
        return {};
    }

    // Others may add to a counter at this moment: it then begins anew.
    Result<void> remove_counters(kv::Batch& batch, std::string_view row) {
        NM_ASSIGN(const std::vector<Counter> counters, list_counters(core_, row, "", kCountersPerRow));
        for (const Counter& counter : counters)
            batch.remove(kv::Space::counters, key::kUserCounters, key::counter(row, counter.column));
        if (counters.size() == kCountersPerRow) {
            batch.remove_range(kv::Space::counters, key::kUserCounters, key::counters_begin(row),
                               key::counters_end(row));
        }
        return {};
    }

    void note(const RowToDrop& drop, const LogRow& row) {
        ++(drop.by_age ? report_.rows_by_age : report_.rows_by_bytes);
        report_.bytes += drop.bytes;
        if (report_.rows.size() < kMaxRetainedNames)
            report_.rows.push_back({row.family, row.key, drop.bytes, drop.by_age});
        if (dry_run_) return;
        ++(drop.by_age ? core_.activity.rows_dropped_by_age : core_.activity.rows_dropped_by_bytes);
        core_.activity.bytes_dropped += drop.bytes;
        if (policy_.forget_names) dropped_.add(row);
    }

    Result<void> give_back(const std::vector<RowToDrop>& rows) {
        return give_back_room(core_, {kv::Space::entries, kv::Space::blocks}, ids_of(rows), ids_, progress_);
    }

    Core& core_;
    const RetentionPolicy& policy_;
    const bool dry_run_;
    const Progress& progress_;
    std::vector<RowId> ids_;  // of all rows of time families, in order
    std::vector<DatedRow> dated_;
    DroppedNames dropped_;
    RetentionReport report_;
};

}  // namespace

Result<RetentionReport> apply_retention(Core& core, const RetentionPolicy& policy, bool dry_run,
                                        const Progress& progress) {
    const std::unique_lock running(core.retention, std::try_to_lock);
    if (!running.owns_lock()) return Error{Code::busy, "the retention is running already"};
    return Retention(core, policy, dry_run, progress).run();
}

}  // namespace nmstore
