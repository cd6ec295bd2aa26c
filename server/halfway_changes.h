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
    std::shared_ptr<const Change> find(ChangeNumber number) const {
        const std::lock_guard guard(mutex_);
        const auto there = changes_.find(number);
        return there == changes_.end() ? nullptr : there->second.lock();
    }
    // Gives the one that others hold already, if there is one.
    std::shared_ptr<const Change> share(Change change) {
        const std::lock_guard guard(mutex_);
        std::erase_if(changes_, [](const auto& each) { return each.second.expired(); });
        std::weak_ptr<const Change>& there = changes_[change.number];
        if (auto known = there.lock()) return known;
        auto shared = std::make_shared<const Change>(std::move(change));
        there = shared;
        return shared;
    }

  private:
    mutable std::mutex mutex_;
    std::map<ChangeNumber, std::weak_ptr<const Change>> changes_;
};

}  // namespace nmstore::server
