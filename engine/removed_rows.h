// Rows from which something was removed while the disk was full: their room is to be given back at once, not when
// the database comes to it. In memory only.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "nmstore/line.h"

namespace nmstore {

// Any thread.
class RemovedRows {
  public:
    static constexpr std::size_t kMaxRows = 100'000;  // others are given back by and by

    void note(RowId row) {
        {
            const std::lock_guard guard(mutex_);
            if (rows_.size() < kMaxRows) rows_.push_back(row);
        }
        if (wake_) wake_();
    }
    std::vector<RowId> take() {
        const std::lock_guard guard(mutex_);
        return std::exchange(rows_, {});
    }

    // Called for each; must not block. Set before anybody removes.
    void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

  private:
    std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<RowId> rows_;
};

}  // namespace nmstore
