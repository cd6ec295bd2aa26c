// What is refused of another hub's records, noted in the batches of the records (Store::apply_journal): a
// crash between the two would leave values neither here nor told of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/notes.h"

namespace nmstore {

// The first are kept, the others counted: a post of some bytes may be of a million values.
class RefusedSteps {
  public:
    std::uint64_t size() const { return first_.size() + more_; }
    void add(ChangeNumber number, std::string_view what, std::string_view why, std::string_view value) {
        using Of = AppliedJournal;
        if (first_.size() >= Of::kMaxRefused) {
            ++more_;
            return;
        }
        first_.push_back({number, std::string(what.substr(0, Of::kMaxRefusedName)),
                          std::string(why.substr(0, Of::kMaxRefusedName)),
                          std::string(value.substr(0, Of::kMaxRefusedValue))});
    }
    // Only the first `size` of all were refused after all.
    void shrink(std::uint64_t size) {
        first_.resize(std::min<std::size_t>(first_.size(), size));
        more_ = size - first_.size();
    }
    const std::vector<AppliedJournal::Refused>& first() const { return first_; }
    void move_to(AppliedJournal& applied) {
        applied.refused = std::move(first_);
        applied.refused_more = more_;
    }

  private:
    std::vector<AppliedJournal::Refused> first_;
    std::uint64_t more_ = 0;
};

// Of one call of apply_journal().
class RefusedNoting {
  public:
    // Both must outlive it. Without `notes` nothing is noted.
    RefusedNoting(std::string_view area, const Store::RefusedNotes& notes) : area_(area), notes_(notes) {}

    // Into each batch, once all that it refuses is known.
    Result<void> put(kv::Batch& batch, const RefusedSteps& refused) const {
        if (!notes_ || noted_ == refused.size()) return {};
        return add_notes(batch, area_, notes_(refused.first()));
    }
    // The batch has been applied.
    void applied(const RefusedSteps& refused) { noted_ = refused.size(); }

  private:
    const std::string_view area_;
    const Store::RefusedNotes& notes_;
    std::optional<std::uint64_t> noted_;
};

}  // namespace nmstore
