#include "server/topic.h"

#include <algorithm>
#include <utility>

namespace nmstore::server {

void Topic::add(EventPtr event, std::size_t most_bytes) {
    const std::lock_guard guard(mutex_);
    if (event->id <= begin_) return;
    bytes_ += bytes_of(*event);
    events_.push_back(std::move(event));
    while (bytes_ > most_bytes && events_.size() > 1) {
        const std::size_t bytes = bytes_of(*events_.front());
        begin_ = events_.front()->id;
        bytes_ -= bytes;
        events_.pop_front();
        ++dropped_.events;
        dropped_.bytes += bytes;
    }
}

void Topic::pass_over(ChangeNumber change, const Amount& amount) {
    const std::lock_guard guard(mutex_);
    if (begin_ >= EventId::before(change + 1)) return;
    passed_from_ = std::exchange(begin_, EventId::before(change + 1));
    passed_bytes_ = amount.bytes;
    dropped_.events += events_.size() + amount.events;
    dropped_.bytes += bytes_ + amount.bytes;
    events_.clear();
    bytes_ = 0;
}

void Topic::wake_readers() {
    std::vector<std::shared_ptr<TopicReader>> readers;
    {
        const std::lock_guard guard(mutex_);
        for (const auto& reader : readers_) {
            if (auto there = reader.lock()) readers.push_back(std::move(there));
        }
    }
    for (const auto& reader : readers) reader->more();
}

Topic::Reading Topic::read(EventId& place, Amount& count, std::size_t most_bytes,
                           std::vector<EventPtr>& out) const {
    const std::lock_guard guard(mutex_);
    // Asked first: all events of these changes are here by now.
    const ChangeNumber told_to = told_to_.load(std::memory_order_acquire);
    Reading reading;
    if (place < begin_) {
        reading.behind = true;
        reading.lost = dropped_.events > count.events ? dropped_.events - count.events : 0;
        // However soon somebody reads: what is passed over was never here.
        const std::size_t excused = place < passed_from_ ? 0 : passed_bytes_;
        reading.slow = dropped_.bytes > count.bytes + excused + kSlowBytes;
        return reading;
    }
    auto next = std::upper_bound(events_.begin(), events_.end(), place,
                                 [](const EventId& id, const EventPtr& event) { return id < event->id; });
    std::size_t bytes = 0;
    for (; next != events_.end() && bytes < most_bytes; ++next) {
        bytes += bytes_of(**next);
        place = (*next)->id;
        out.push_back(*next);
    }
    reading.more = next != events_.end();
    count.events = dropped_.events + static_cast<std::uint64_t>(next - events_.begin());
    count.bytes = reading.more ? std::max(count.bytes, dropped_.bytes) + bytes : dropped_.bytes + bytes_;
    if (!reading.more) place = std::max(place, EventId::before(told_to));
    return reading;
}

EventId Topic::begin(Amount& count) const {
    const std::lock_guard guard(mutex_);
    count = dropped_;
    return begin_;
}

void Topic::attach(std::weak_ptr<TopicReader> reader) {
    const std::lock_guard guard(mutex_);
    if (readers_.size() >= look_at_) forget_gone();
    readers_.push_back(std::move(reader));
    reader_count_ = readers_.size();
}

std::size_t Topic::readers() {
    const std::lock_guard guard(mutex_);
    forget_gone();
    return readers_.size();
}

void Topic::forget_gone() {
    std::erase_if(readers_, [](const auto& reader) { return reader.expired(); });
    reader_count_ = readers_.size();
    // So few are looked at for each that comes, however many there are.
    look_at_ = std::max(kMinLookAt, 2 * readers_.size());
}

}  // namespace nmstore::server
