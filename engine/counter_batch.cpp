#include "engine/batches.h"
#include "engine/commit.h"
#include "engine/key.h"

namespace nmstore {
namespace {

class CounterBatchOfStore final : public CounterBatch {
  public:
    explicit CounterBatchOfStore(Core& core) : core_(core), batch_(core.database->new_batch()) {}

    Result<void> add(std::string_view row, std::string_view column, std::int64_t delta) override {
        NM_TRY(check_counter_name(row, column));
        batch_->add(key::kUserCounters, key::counter(row, column), delta);
        if (core_.changes.tells(row)) draft_.steps.add(row, column, delta);
        ++steps_;
        return {};
    }

    Result<CommitResult> commit() override {
        NM_TRY(core_.writable());
        if (committed_) return Error{Code::conflict, "the batch has been committed before"};
        committed_ = true;
        NM_ASSIGN(Applied applied, apply_writes(core_, *batch_, {}, BatchKind::any, {}, &draft_));
        NM_TRY(wait_for(core_, std::move(applied)));
        core_.activity.counter_steps += steps_;
        return CommitResult{steps_, false};
    }

  private:
    Core& core_;
    std::unique_ptr<kv::Batch> batch_;
    JournalDraft draft_;
    std::uint64_t steps_ = 0;
    bool committed_ = false;
};

}  // namespace

Result<void> check_counter_name(std::string_view row, std::string_view column) {
    if (row.empty() || row.size() > kMaxRowKeyBytes)
        return Error{Code::invalid_argument, "a counter's row key has 1 to 65535 bytes"};
    if (column.empty() || column.size() > kMaxColumnNameBytes)
        return Error{Code::invalid_argument, "a counter's column name has 1 to 65535 bytes"};
    return {};
}

void remove_counters(const Core& core, kv::Batch& batch, JournalDraft& draft, std::string_view row,
                     std::optional<std::string_view> column) {
    if (core.changes.tells(row)) draft.steps.remove_counters(row, column);
    if (column) {
        batch.remove(kv::Space::counters, key::kUserCounters, key::counter(row, *column));
    } else {
        batch.remove_range(kv::Space::counters, key::kUserCounters, key::counters_begin(row),
                           key::counters_end(row));
    }
}

Result<void> remove_counters(Core& core, std::string_view row, std::optional<std::string_view> column) {
    const auto batch = core.database->new_batch();
    JournalDraft draft;
    // Behind the steps that were made before, and before those that come after it, in the journal as well.
    NM_ASSIGN(Applied applied,
              apply_writes(core, *batch, {}, BatchKind::removal, {}, &draft, [&]() -> Result<void> {
                  remove_counters(core, *batch, draft, row, column);
                  return {};
              }));
    return wait_for(core, std::move(applied));
}

std::unique_ptr<CounterBatch> new_counter_batch(Core& core) {
    return std::make_unique<CounterBatchOfStore>(core);
}

}  // namespace nmstore
