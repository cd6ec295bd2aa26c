// Changes of the store (nmstore/change.h) in the order in which they are committed.
//
// A change is put into the batch of its commit, under the locks of the rows that it touches, so that it is
// there exactly if they are, and numbers of one row's changes rise as its commits do. Commits of other rows
// may end in another order: a change can be read once all with smaller numbers are settled (on disk, or
// failed), so that who has read up to a number has missed nothing before it.
//
// Numbers begin anew, far above and by chance, with each opening: a reader may have been told of changes that
// a crash took back (where commits do not wait for the disk), and must not take others for these.
//
// Where a journal is kept (nmstore/journal.h), a commit's record stands beside its change, under the same
// number.
//
// Threads: every call from any.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "engine/believed_clock.h"
#include "engine/change_record.h"
#include "engine/journal_draft.h"
#include "engine/kept_records.h"
#include "engine/kv.h"
#include "engine/number_reserve.h"
#include "nmstore/change.h"
#include "nmstore/clock.h"

namespace nmstore {

class ChangeFeed {
  public:
    // The database and the clock must outlive it.
    ChangeFeed(kv::Database& database, const Clock& clock, const ChangeOptions& options,
               const JournalOptions& journal);

    // When opening: finds out what is there. Writes nothing but where a journal begins or ends, as the disk
    // may be full; or where the last record is damaged: then all of them are given up.
    Result<void> open(bool read_only);
    void set_hub(std::string id) { hub_ = std::move(id); }  // this one's; before all else
    // Behind the last number that has a record when the store was opened.
    ChangeNumber end_at_opening() const { return end_at_opening_; }
    bool keeps_journal() const { return journal_.on; }
    // Whether a row (of counters: family "") is the hub's own.
    bool is_own(std::string_view family, std::string_view row) const;
    // Whether the journal tells of a row of counters.
    bool tells(std::string_view counters_row) const { return journal_.on && !is_own("", counters_row); }

    // What was put of a change.
    struct Put {
        ChangeNumber number = 0;
        std::int64_t time_ms = 0;
        std::size_t change_bytes = 0, journal_bytes = 0;  // 0: nothing
        bool applied = false;
    };
    // A change that is on its way; settled when it goes. Move only.
    class Told {
      public:
        Told() = default;
        Told(ChangeFeed& feed, const Put& put) : feed_(&feed), put_(put) {}
        ChangeNumber number() const { return put_.number; }
        void set_journal_bytes(std::size_t bytes) { put_.journal_bytes = bytes; }
        void set_applied() { put_.applied = true; }  // the batch was
        Told(Told&& other) noexcept : feed_(std::exchange(other.feed_, nullptr)), put_(other.put_) {}
        Told& operator=(Told&& other) noexcept {
            std::swap(feed_, other.feed_);
            std::swap(put_, other.put_);
            return *this;
        }
        ~Told() {
            if (feed_ != nullptr) feed_->settle(put_);
        }

      private:
        ChangeFeed* feed_ = nullptr;
        Put put_;
    };
    // Puts the change, and where a journal is kept the draft's record, into the batch, which is applied next,
    // with the rows' locks held. To be let go of once the batch is on disk, or has failed; not before. Only
    // what was applied counts as kept.
    // Nothing is told of what is empty. A journal's order of commits that take no common lock is kept by
    // `pass`, held until the batch is applied: shared, or alone by who needs to stand between two commits.
    Result<Told> tell(kv::Batch& batch, const ChangeRecord& change, const JournalDraft* draft = nullptr);
    [[nodiscard]] std::shared_lock<std::shared_mutex> pass() const {
        return journal_.on ? std::shared_lock(gate_) : std::shared_lock<std::shared_mutex>();
    }
    [[nodiscard]] std::unique_lock<std::shared_mutex> pass_alone() const { return std::unique_lock(gate_); }
    // With the gate held alone: where the journal ends, and a stamp.
    ChangeNumber journal_end() const;
    std::uint64_t next_stamp();

    ChangeRange range() const;
    JournalRange journal_range() const;
    // Numbers of records from one on, about.
    Result<std::uint64_t> journal_records(ChangeNumber from) const;
    // Waits until range().end is not `end` any more; gives it. Returns early once stop() was called.
    ChangeNumber wait(ChangeNumber end, std::chrono::milliseconds patience) const;
    // Waits until all numbers are settled that have been given by now; early once stop() was called.
    void wait_for_all_given() const;
    void stop();
    // Called when there is something to do about a short room: records of the journal were let go for it, or
    // a commit has failed, so that nobody calls trim() perhaps. Must not block. Set before anybody writes.
    void set_short_of_room(std::function<void()> call) { short_of_room_ = std::move(call); }
    // Whether records were let go for it since this was asked last.
    bool take_let_go() { return let_go_.exchange(false); }

    // Calls back for each stored change from a number on, in their order, until it returns false. What is not
    // settled is not given.
    using Each = std::function<bool(ChangeNumber, std::string_view)>;
    Result<void> read(ChangeNumber from, const Each& each) const;
    Result<void> read_journal(ChangeNumber from, const Each& each) const;

    // Forgets what is beyond the options' bounds, which are narrower while the room is short. Cheap when
    // there is nothing to do: called after each commit, and now and then while commits are refused.
    void trim();
    // Records of the journal before this number are not needed any more.
    void forget_journal(ChangeNumber before);
    // What is there of the journal stays, whoever has read it, as far as its bounds let it: gives the first
    // number that does. Until the pin is set to where it is wanted from then on, UINT64_MAX: nowhere.
    ChangeNumber pin_journal();
    void set_journal_pin(ChangeNumber from);

  private:
    void settle(const Put& put);
    // One behind the last record before a number; without the lock. `before` if the disk does not tell.
    ChangeNumber journal_end(ChangeNumber first, ChangeNumber before) const;
    Result<void> begin_numbers();               // with mutex_
    std::uint64_t rise(std::uint64_t foreign);  // likewise
    // Adds those to `damaged` that cannot be read.
    Result<void> open_journal(bool read_only, std::vector<KeptRecords*>& damaged);
    static Result<ChangeNumber> open_kept(KeptRecords& kept, const KeptRecords::TimeOf& time_of,
                                          std::vector<KeptRecords*>& damaged);
    Result<void> give_up(const std::vector<KeptRecords*>& damaged, bool read_only);
    Result<void> read(const KeptRecords& kept, std::string_view partition, ChangeNumber from,
                      const Each& each) const;
    ChangeNumber settled() const { return unsettled_.empty() ? next_ : *unsettled_.begin(); }  // with mutex_

    kv::Database& database_;
    const Clock& clock_;
    BelievedClock believed_;  // guarded by mutex_
    const ChangeOptions options_;
    JournalOptions journal_;  // as it is from open() on
    NumberReserve runs_;

    mutable std::shared_mutex gate_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    ChangeNumber next_ = 0;             // to be given
    bool began_ = false;                // with the numbers of this opening
    std::set<ChangeNumber> unsettled_;  // of those given
    bool stopped_ = false;
    KeptRecords changes_kept_, journal_kept_;
    ChangeNumber journal_read_ = 0;  // by everybody, before it
    ChangeNumber journal_pin_ = UINT64_MAX;
    std::uint64_t let_go_bytes_ = 0;
    std::function<void()> short_of_room_;
    std::atomic<bool> let_go_{false};
    std::uint64_t last_stamp_ = 0;
    ChangeNumber end_at_opening_ = 0;
    std::string hub_;
};

}  // namespace nmstore
