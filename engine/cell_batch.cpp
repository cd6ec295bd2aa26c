#include "engine/batches.h"
#include "engine/commit.h"
#include "nmstore/free_places.h"

namespace nmstore {
namespace {

class CellBatchOfStore final : public CellBatch {
  public:
    CellBatchOfStore(Core& core, FamilyPtr family, bool count_entries)
        : core_(core),
          batch_(core.database->new_batch()),
          writes_(core, *batch_, std::move(family), count_entries) {
        writes_.tell_journal(&draft_);
    }

    Result<void> put(std::string_view row, std::string_view column, std::string_view value,
                     std::int64_t ttl_seconds) override {
        return writes_.put_cell(row, column, value, ttl_seconds);
    }
    Result<void> remove_row(std::string_view row) override { return writes_.remove_row(row); }
    void tell_values(bool on) override { writes_.tell_values(on); }
    std::size_t bytes() const override { return batch_->bytes() + draft_.steps.size(); }

    Result<CommitResult> commit_where_free() {
        if (!writes_.family()->schema()->info.is_time_family())
            return Error{Code::unsupported, "only in a time family is it asked whether a place is free"};
        writes_.only_where_free();
        return commit();
    }
    Result<CommitResult> commit() override {
        NM_TRY(core_.writable());
        if (committed_) return Error{Code::conflict, "the batch has been committed before"};
        committed_ = true;
        NM_ASSIGN(Applied applied, apply_writes(core_, *batch_, {&writes_}, BatchKind::any, {}, &draft_));
        NM_TRY(wait_for(core_, std::move(applied)));
        core_.activity.cells_written += writes_.entries();
        return CommitResult{writes_.entries(), false};
    }

  private:
    Core& core_;
    std::unique_ptr<kv::Batch> batch_;
    JournalDraft draft_;
    FamilyWrites writes_;
    bool committed_ = false;
};

}  // namespace

std::unique_ptr<CellBatch> new_cell_batch(Core& core, FamilyPtr family, bool count_entries) {
    return std::make_unique<CellBatchOfStore>(core, std::move(family), count_entries);
}

Result<CommitResult> commit_where_free(CellBatch& batch) {
    auto* const of_store = dynamic_cast<CellBatchOfStore*>(&batch);
    if (of_store == nullptr) return Error{Code::unsupported, "the batch is none of a store in a directory"};
    return of_store->commit_where_free();
}

}  // namespace nmstore
