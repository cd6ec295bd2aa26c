#include "server/body_memory.h"

#include <algorithm>

namespace nmstore::server {

BodyMemory::Share::~Share() {
    memory_.held_ -= bytes_;
    memory_.metrics_.bodies_memory_bytes.store(static_cast<std::int64_t>(memory_.held_),
                                               std::memory_order_relaxed);
    const bool gave = bytes_ > 0;
    const bool waited = waits_;
    stop_waiting();
    if (gave && !waited) memory_.wake_first();
}

bool BodyMemory::Share::grow_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    const bool my_turn = memory_.waiting_.empty() || memory_.waiting_.front() == this;
    if (!my_turn || memory_.limit_ - memory_.held_ < bytes - bytes_) {
        if (!waits_) memory_.waiting_.push_back(this);
        waits_ = true;
        return false;
    }
    memory_.held_ += bytes - bytes_;
    bytes_ = bytes;
    memory_.metrics_.bodies_memory_bytes.store(static_cast<std::int64_t>(memory_.held_),
                                               std::memory_order_relaxed);
    stop_waiting();
    return true;
}

void BodyMemory::Share::stop_waiting() {
    if (!waits_) return;
    waits_ = false;
    auto& waiting = memory_.waiting_;
    waiting.erase(std::find(waiting.begin(), waiting.end(), this));
    // Whoever is first now may fit although this one did not.
    memory_.wake_first();
}

void BodyMemory::wake_first() {
    if (!waiting_.empty()) waiting_.front()->wake_();
}

}  // namespace nmstore::server
