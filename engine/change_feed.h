// Changes of the store (nmstore/change.h) in the order in which they are committed.
//
// A change is put into the batch of its commit, under the locks of the rows that it touches, so that it is
// there exactly if they are, and numbers of one row's changes rise as its commits do. Commits of other rows
// may end in another order: a change can be read once all with smaller numbers are settled (on disk, or
// failed), so that who has read up to a number has missed nothing before it.
//
// Numbers begin anew, far above, with each opening: a reader may have been told of changes that a crash took
// back (where commits do not wait for the disk), and must not take others for these.
//
// Threads: every call from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "engine/change_record.h"
#include "engine/kv.h"
#include "engine/number_reserve.h"
#include "nmstore/change.h"
#include "nmstore/clock.h"

namespace nmstore {

class ChangeFeed {
  public:
    // The database and the clock must outlive it.
    ChangeFeed(kv::Database& database, const Clock& clock, const ChangeOptions& options);

    // When opening: finds out what is there. Writes nothing, as the disk may be full.
    Result<void> open();

    // A change that is on its way; settled when it goes. Move only.
    class Told {
      public:
        Told() = default;
        Told(ChangeFeed& feed, ChangeNumber number) : feed_(&feed), number_(number) {}
        Told(Told&& other) noexcept : feed_(std::exchange(other.feed_, nullptr)), number_(other.number_) {}
        Told& operator=(Told&& other) noexcept {
            std::swap(feed_, other.feed_);
            std::swap(number_, other.number_);
            return *this;
        }
        ~Told() {
            if (feed_ != nullptr) feed_->settle(number_);
        }

      private:
        ChangeFeed* feed_ = nullptr;
        ChangeNumber number_ = 0;
    };
    // Puts the change into the batch, which is applied next, with the rows' locks held. To be let go of once
    // the batch is on disk, or has failed; not before. Nothing is told of an empty one.
    Result<Told> tell(kv::Batch& batch, const ChangeRecord& change);

    ChangeRange range() const;
    // Waits until range().end is not `end` any more; gives it. Returns early once stop() was called.
    ChangeNumber wait(ChangeNumber end, std::chrono::milliseconds patience) const;
    void stop();

    // Calls back for each stored change from a number on, in their order, until it returns false. What is not
    // settled is not given.
    Result<void> read(ChangeNumber from,
                      const std::function<bool(ChangeNumber, std::string_view)>& each) const;

    // Forgets what is beyond the options' bounds. Cheap when there is nothing to do: called after each
    // commit.
    void trim();

  private:
    void settle(ChangeNumber number);

    struct Mark {  // everything up to `last` is so many bytes, and was there at this time
        ChangeNumber last = 0;
        std::uint64_t bytes = 0;
        std::int64_t time_ms = 0;
    };

    kv::Database& database_;
    const Clock& clock_;
    const ChangeOptions options_;
    NumberReserve runs_;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    ChangeNumber next_ = 0;             // to be given
    bool began_ = false;                // with the numbers of this opening
    std::set<ChangeNumber> unsettled_;  // of those given
    ChangeNumber first_ = 0;            // nothing before it is kept
    bool stopped_ = false;
    std::deque<Mark> marks_;   // oldest first; of each part of the changes that is forgotten at a time
    std::uint64_t bytes_ = 0;  // of all marks
    Mark open_mark_;           // of the changes since
};

}  // namespace nmstore
