// Changes of which readers have been told a part: one may be as large as a post, and is read from the store
// and taken apart once, for all who are at it, however small the parts are in which they get it.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "nmstore/change.h"

namespace nmstore::server {

// Holds none itself: who is in the middle of one does. Any thread.
class HalfwayChanges {
  public:
    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

    std::shared_ptr<const Change> find(ChangeNumber number) const {
        const std::lock_guard guard(mutex_);
        const auto there = changes_.find(number);
        return there == changes_.end() ? nullptr : there->second.change.lock();
    }
    // Gives the one that others hold already, if there is one. nullptr: those that are held are so many bytes
    // that this one has to be read again for its next part.
    std::shared_ptr<const Change> share(Change change) {
        const std::size_t bytes = bytes_of(change);
        const std::lock_guard guard(mutex_);
        std::erase_if(changes_, [](const auto& each) { return each.second.change.expired(); });
        Held& held = changes_[change.number];
        if (auto known = held.change.lock()) return known;
        std::size_t all = bytes;
        for (const auto& [number, other] : changes_) all += other.bytes;
        if (all > kMostBytes && all != bytes) {
            changes_.erase(change.number);
            return nullptr;
        }
        auto shared = std::make_shared<const Change>(std::move(change));
        held = {shared, bytes};
        return shared;
    }

  private:
    struct Held {
        std::weak_ptr<const Change> change;
        std::size_t bytes = 0;
    };
    static std::size_t bytes_of(const Change& change) {
        std::size_t out = sizeof(Change) + change.sequences.size() * sizeof(SequenceRange);
        for (const ChangedRow& row : change.rows)
            out += sizeof(row) + (row.blocks.size() + row.cells_ms.size()) * sizeof(std::int64_t);
        for (const ToldValue& value : change.values)
            out += sizeof(value) + value.family.size() + value.row.size() + value.column.size() +
                   value.value.size();
        return out;
    }

    mutable std::mutex mutex_;
    std::map<ChangeNumber, Held> changes_;
};

}  // namespace nmstore::server
