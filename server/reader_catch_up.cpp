// Reader: what it has missed, from the store.
#include <utility>

#include "server/reader.h"

namespace nmstore::server {

void Reader::hold(std::size_t bytes) {
    if (bytes == held_bytes_) return;
    realtime_.catch_up_memory_.change(this, held_bytes_, bytes);
    held_bytes_ = bytes;
}

void Reader::let_go() {
    const std::lock_guard guard(mutex_);
    if (reading_ || queue_.empty()) return;
    std::deque<EventPtr>().swap(queue_);
    queue_bytes_ = 0;
    hold(0);
    maker_.reset();
    halfway_.reset();
    // All of it will be read again; but not what is gone.
    read_to_ = gap_ ? std::max(place_, EventId::before(*gap_)) : place_;
}

// Where others hold too much it is woken once its turn has come.
void Reader::begin_to_catch_up() {
    waits_for_turn_ = !realtime_.catch_up_memory_.take(shared_from_this(), kMaxQueueBytes);
    if (waits_for_turn_) return;
    held_bytes_ = kMaxQueueBytes;
    reading_ = realtime_.run_job_([self = shared_from_this()] { self->catch_up(); });
    // The pool has more to do than it can: the reader tries again when something wakes it.
    if (reading_) return;
    hold(0);
    fault_ = Error{Code::busy, "too much is being read: come back with the last id"};
}

void Reader::catch_up() {
    EventMaker* maker = nullptr;
    Result<void> done;
    {
        const std::lock_guard guard(mutex_);
        if (closed_) {  // there may be many whose clients have gone
            reading_ = false;
            hold(0);
            return;
        }
        if (maker_ == nullptr) {
            maker_ = std::make_unique<EventMaker>(topic_->subject(), realtime_.store_);
            done = maker_->open();
        }
        maker = maker_.get();
    }
    if (done.ok()) done = read_some(*maker);
    std::function<void()> wake;
    {
        const std::lock_guard guard(mutex_);
        reading_ = false;
        hold(queue_bytes_);
        if (!done.ok()) fault_ = done.error();
        if (!done.ok()) realtime_.failures_.fetch_add(1, std::memory_order_relaxed);
        wake = wake_;
    }
    if (wake) wake();
    realtime_.catch_up_memory_.call_next(kMaxQueueBytes);
}

void Reader::keep_halfway(std::shared_ptr<const Change> change) {
    const std::lock_guard guard(mutex_);
    if (!closed_) halfway_ = std::move(change);
}

// Some changes from where the reader is; until there is enough to send, or the topic begins.
Result<void> Reader::read_some(EventMaker& maker) {
    EventId from;
    std::optional<EventId> end;
    std::shared_ptr<const Change> halfway;
    bool is_halfway = false;
    {
        const std::lock_guard guard(mutex_);
        from = read_to_;
        halfway = std::exchange(halfway_, nullptr);
        if (catch_up_end_) end = catch_up_end_->place;
    }
    const auto begin_of_topic = [this] {
        Topic::Amount count;
        return topic_->begin(count);
    };
    // Gives whether to go on behind the change.
    const auto read = [&](const Change& change) -> Result<bool> {
        std::vector<EventPtr> events;
        NM_ASSIGN(const bool all, maker.events(change, from, kMaxQueueBytes, events));
        const std::lock_guard guard(mutex_);
        if (closed_) return false;
        for (EventPtr& event : events) {
            queue_bytes_ += bytes_of(*event);
            read_to_ = event->id;
            queue_.push_back(std::move(event));
        }
        is_halfway = !all;
        if (!all) return false;
        read_to_ = EventId::before(change.number + 1);
        return queue_bytes_ < kMaxQueueBytes && read_to_ < begin_of_topic() && (!end || read_to_ < *end);
    };
    const bool at_end_of_change = from == EventId::before(from.change + 1);
    if (!at_end_of_change) {
        if (halfway == nullptr || halfway->number != from.change)
            halfway = realtime_.halfway_.find(from.change);
        if (halfway != nullptr) {
            NM_TRY(read(*halfway));
            keep_halfway(is_halfway ? std::move(halfway) : nullptr);
            return {};
        }
    }
    NM_ASSIGN(std::vector<Change> changes,
              realtime_.store_.read_changes(at_end_of_change ? from.change + 1 : from.change, kStepBytes));
    // Asked afterwards: they are forgotten while we read. What was read may have come from before that.
    const ChangeNumber first = realtime_.store_.changes().first;
    if (from < EventId::before(first) && (changes.empty() || changes.front().number >= first)) {
        const std::lock_guard guard(mutex_);
        gap_ = first;
        from = read_to_ = EventId::before(first);
        realtime_.gaps_.fetch_add(1, std::memory_order_relaxed);
    }
    for (Change& change : changes) {
        NM_ASSIGN(const bool more, read(change));
        if (is_halfway) keep_halfway(realtime_.halfway_.share(std::move(change)));
        if (!more) return {};
    }
    if (!changes.empty()) return {};
    // Nothing is left before the topic's beginning.
    const std::lock_guard guard(mutex_);
    read_to_ = std::max(read_to_, begin_of_topic());
    return {};
}

}  // namespace nmstore::server
