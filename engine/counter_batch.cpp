#include "engine/batches.h"
#include "engine/key.h"

namespace nmstore {
namespace {

class CounterBatchOfStore final : public CounterBatch {
  public:
    explicit CounterBatchOfStore(Core& core) : core_(core), batch_(core.database->new_batch()) {}

    Result<void> add(std::string_view row, std::string_view column, std::int64_t delta) override {
        if (row.empty() || row.size() > kMaxRowKeyBytes) {
            return Error{Code::invalid_argument, "a counter's row key has 1 to 65535 bytes"};
        }
        if (column.empty() || column.size() > kMaxColumnNameBytes) {
            return Error{Code::invalid_argument, "a counter's column name has 1 to 65535 bytes"};
        }
        batch_->add(key::kUserCounters, key::counter(row, column), delta);
        ++steps_;
        return {};
    }

    Result<CommitResult> commit() override {
        NM_TRY(core_.writable());
        if (committed_) return Error{Code::conflict, "the batch has been committed before"};
        committed_ = true;
        NM_ASSIGN(const std::uint64_t ticket, core_.apply(*batch_));
        NM_TRY(core_.wait(ticket));
        core_.activity.counter_steps += steps_;
        return CommitResult{steps_, false};
    }

  private:
    Core& core_;
    std::unique_ptr<kv::Batch> batch_;
    std::uint64_t steps_ = 0;
    bool committed_ = false;
};

}  // namespace

std::unique_ptr<CounterBatch> new_counter_batch(Core& core) {
    return std::make_unique<CounterBatchOfStore>(core);
}

}  // namespace nmstore
