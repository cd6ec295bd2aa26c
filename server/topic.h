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
    // Covers all changes from `first` on. Of all changes before `told_to`, which goes up, it has been told;
    // that must outlive it.
    Topic(EventSubjectPtr subject, ChangeNumber first, const std::atomic<ChangeNumber>& told_to)
        : subject_(std::move(subject)), told_to_(told_to), begin_(EventId::before(first)) {}

    const EventSubjectPtr& subject() const { return subject_; }

    // ---- The follower's side
    // Drops the oldest beyond the bytes. Events that are not behind begin() are left out.
    void add(EventPtr event, std::size_t most_bytes);
    // Of this change there is too much to be held: nothing of it, and nothing from before, stays.
    void pass_over(ChangeNumber change);
    // Wakes the readers. After told_to has gone up, if something has been added or passed over before.
    void wake_readers();

    // ---- The readers' side
    struct Reading {
        bool behind = false;     // events between the place and begin() are gone: nothing was read
        std::uint64_t lost = 0;  // that many at least, if the reader has been with the topic before
        bool more = false;       // there are more than were read
    };
    // Takes events behind `place` and moves it, until they are of about most_bytes; `place` goes as far as is
    // told where nothing is left. `count`: of events that the topic had when the reader's place was its end;
    // kept up by this.
    Reading read(EventId& place, std::uint64_t& count, std::size_t most_bytes,
                 std::vector<EventPtr>& out) const;
    // Where events begin, and how many came before them.
    EventId begin(std::uint64_t& count) const;

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
    std::uint64_t dropped_ = 0;                        // events that were in it
    std::vector<std::weak_ptr<TopicReader>> readers_;  // each holds its reader's memory, also when it is gone
    std::size_t look_at_ = kMinLookAt;                 // when there are so many, some may be gone
    std::atomic<std::size_t> reader_count_{0};         // as it was when last looked at
};

}  // namespace nmstore::server
