#include "engine/row_at_work.h"

#include <algorithm>

#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

RowLocks::Stripes stripe_of(RowId id) {
    RowLocks::Stripes stripes;
    stripes.set(RowLocks::stripe_of(id));
    return stripes;
}

}  // namespace

Result<std::unique_ptr<RowAtWork>> RowAtWork::begin(Core& core, RowId id, std::int64_t cells_to_ms) {
    std::unique_ptr<RowAtWork> none;
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::catalogue, key::kRowsById, key::row(id)));
    if (!bytes) return none;
    NM_ASSIGN(const record::RowName name, record::parse_row_name(*bytes));
    const std::vector<FamilyPtr> families = core.families.all();
    const auto family = std::find_if(families.begin(), families.end(),
                                     [&](const FamilyPtr& each) { return each->id() == name.family; });
    if (family == families.end() || !(*family)->schema()->info.is_time_family()) return none;
    NM_ASSIGN(RowPtr row, core.catalogue.find(name.family, name.key));
    if (row == nullptr || row->id != id) return none;
    std::unique_ptr<RowAtWork> out(new RowAtWork(core, *family, std::move(row)));
    {
        const auto locked = core.row_locks.lock(stripe_of(id));
        out->row_->sealing_to_ms = cells_to_ms;
        out->row_->disturbed = false;
        out->row_->first_entry_ms = INT64_MAX;
    }
    // What is written before it is in the snapshot; what is written after it is noted in the row.
    out->snapshot_ = core.database->snapshot();
    return out;
}

RowAtWork::RowAtWork(Core& core, FamilyPtr family, RowPtr row)
    : core_(core), family_(std::move(family)), row_(std::move(row)) {}

RowAtWork::~RowAtWork() {
    const auto locked = core_.row_locks.lock(stripe_of(row_->id));
    row_->sealing_to_ms = Row::kNotSealing;
}

Result<bool> RowAtWork::apply(kv::Batch& batch, const std::function<void(std::int64_t)>& complete) {
    const auto entered = family_->enter();
    if (family_->dropped()) return false;
    const auto locked = core_.row_locks.lock(stripe_of(row_->id));
    if (row_->disturbed || !row_->live) return false;
    complete(row_->first_entry_ms);
    NM_TRY(core_.apply(batch));
    return true;
}

}  // namespace nmstore
