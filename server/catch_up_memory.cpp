#include "server/catch_up_memory.h"

namespace nmstore::server {

bool CatchUpMemory::take(const std::shared_ptr<TopicReader>& reader, std::size_t bytes) {
    const std::lock_guard guard(mutex_);
    forget_gone();
    const bool is_next = waiting_.empty() || waiting_.front().who == reader.get();
    if (is_next && bytes_ < most_bytes_) {
        if (!waiting_.empty()) pop_front();
        bytes_ += bytes;
        return true;
    }
    if (!who_waits_.insert(reader.get()).second) return false;
    waiting_.push_back({reader.get(), reader});
    ++waits_;
    return false;
}

void CatchUpMemory::change(std::size_t from_bytes, std::size_t to_bytes) {
    const std::lock_guard guard(mutex_);
    bytes_ += to_bytes;
    bytes_ -= from_bytes;
}

void CatchUpMemory::leave(const TopicReader* reader) {
    const std::lock_guard guard(mutex_);
    if (who_waits_.erase(reader) == 0) return;
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.who == reader; });
}

void CatchUpMemory::wake_next() {
    std::shared_ptr<TopicReader> next;
    {
        const std::lock_guard guard(mutex_);
        forget_gone();
        if (bytes_ < most_bytes_ && !waiting_.empty()) next = waiting_.front().reader.lock();
    }
    if (next) next->more();
}

void CatchUpMemory::forget_gone() {
    while (!waiting_.empty() && waiting_.front().reader.expired()) pop_front();
}

void CatchUpMemory::pop_front() {
    who_waits_.erase(waiting_.front().who);
    waiting_.pop_front();
}

std::size_t CatchUpMemory::bytes() const {
    const std::lock_guard guard(mutex_);
    return bytes_;
}

std::uint64_t CatchUpMemory::waits() const {
    const std::lock_guard guard(mutex_);
    return waits_;
}

}  // namespace nmstore::server
