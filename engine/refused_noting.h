// What is refused of another hub's records, noted in the batches of the records (Store::apply_journal): a
// crash between the two would leave values neither here nor told of.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/notes.h"

namespace nmstore {

// Of one call of apply_journal().
class RefusedNoting {
  public:
    using Refused = std::vector<AppliedJournal::Refused>;
    // Both must outlive it. Without `notes` nothing is noted.
    RefusedNoting(std::string_view area, const Store::RefusedNotes& notes) : area_(area), notes_(notes) {}

    // Into each batch, once all that it refuses is known.
    Result<void> put(kv::Batch& batch, const Refused& refused) const {
        if (!notes_ || noted_ == refused.size()) return {};
        return add_notes(batch, area_, notes_(refused));
    }
    // The batch has been applied.
    void applied(const Refused& refused) { noted_ = refused.size(); }

  private:
    const std::string_view area_;
    const Store::RefusedNotes& notes_;
    std::optional<std::size_t> noted_;
};

}  // namespace nmstore
