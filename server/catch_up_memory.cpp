#include "server/catch_up_memory.h"

#include <utility>
#include <vector>

namespace nmstore::server {

bool CatchUpMemory::take(const std::shared_ptr<TopicReader>& reader, std::size_t bytes) {
    const std::lock_guard guard(mutex_);
    const bool was_called = called_.erase(reader.get()) != 0;
    const bool is_first = !waiting_.empty() && waiting_.front().who == reader.get();
    if ((was_called || is_first || waiting_.empty()) && bytes_ < most_bytes_) {
        if (is_first) pop_front();
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
    called_.erase(reader);
    if (who_waits_.erase(reader) == 0) return;
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.who == reader; });
}

void CatchUpMemory::call_next(std::size_t bytes) {
    std::vector<std::shared_ptr<TopicReader>> next;
    {
        const std::lock_guard guard(mutex_);
        for (std::size_t held = bytes_; held < most_bytes_ && !waiting_.empty();) {
            if (auto reader = waiting_.front().reader.lock()) {
                called_.insert(reader.get());
                next.push_back(std::move(reader));
                held += bytes;
            }
            pop_front();
        }
    }
    for (const auto& reader : next) reader->more();
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
