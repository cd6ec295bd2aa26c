// What several readers follow together: the newest events of one subject, in memory, each made once for all.
//
// Events behind begin() are in the topic, up to where the follower of changes is; who is not so far yet reads
// the store.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "server/event_subject.h"

namespace nmstore::server {

// Told that there is more. Called with no lock of the topic held; any thread.
class TopicReader {
  public:
    virtual ~TopicReader() = default;
    virtual void more() = 0;
};

// Threads: every call from any.
class Topic {
  public:
    struct Amount {
        std::uint64_t events = 0, bytes = 0;
    };
    // Whoever has lost no more than this has not been slow: it may be that many topics hold little each.
    static constexpr std::size_t kSlowBytes = std::size_t{4} << 20;

    // Covers all changes from `first` on. Of all changes before `told_to`, which goes up, it has been told;
    // that must outlive it.
    Topic(EventSubjectPtr subject, ChangeNumber first, const std::atomic<ChangeNumber>& told_to)
        : subject_(std::move(subject)), told_to_(told_to), begin_(EventId::before(first)) {}

    const EventSubjectPtr& subject() const { return subject_; }

    // ---- The follower's side
    // Drops the oldest beyond the bytes. Events that are not behind begin() are left out.
    void add(EventPtr event, std::size_t most_bytes);
    // Of this change there is too much to be held, this at least: nothing of it, and nothing from before,
    // stays.
    void pass_over(ChangeNumber change, const Amount& amount);
    // Wakes the readers. After told_to has gone up, if something has been added or passed over before.
    void wake_readers();

    // ---- The readers' side
    struct Reading {
        bool behind = false;     // events between the place and begin() are gone: nothing was read
        std::uint64_t lost = 0;  // that many at least, if the reader has been with the topic before
        bool slow = false;       // they are many, beside what came in one commit that was passed over
        bool more = false;       // there are more than were read
    };
    // Takes events behind `place` and moves it, until they are of about most_bytes; `place` goes as far as is
    // told where nothing is left. `count`: of what the topic had had when the reader's place was its end;
    // kept up by this.
    Reading read(EventId& place, Amount& count, std::size_t most_bytes, std::vector<EventPtr>& out) const;
    // Where events begin, and how many came before them.
    EventId begin(Amount& count) const;

    void attach(std::weak_ptr<TopicReader> reader);
    std::size_t readers();  // forgets those that are gone
    std::size_t readers_about() const { return reader_count_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::size_t kMinLookAt = 16;

    void forget_gone();  // with mutex_ held

    const EventSubjectPtr subject_;
    const std::atomic<ChangeNumber>& told_to_;
    mutable std::mutex mutex_;
    std::deque<EventPtr> events_;
    std::size_t bytes_ = 0;
    EventId begin_;
    Amount dropped_;                                   // events that were in it
    EventId passed_from_;                              // begin_ before a change was passed over last
    std::size_t passed_bytes_ = 0;                     // of that change
    std::vector<std::weak_ptr<TopicReader>> readers_;  // each holds its reader's memory, also when it is gone
    std::size_t look_at_ = kMinLookAt;                 // when there are so many, some may be gone
    std::atomic<std::size_t> reader_count_{0};         // as it was when last looked at
};

}  // namespace nmstore::server
