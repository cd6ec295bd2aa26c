#include "server/catch_up_memory.h"

#include <utility>
#include <vector>

namespace nmstore::server {
namespace {

constexpr std::chrono::milliseconds kOnTheirWay{200};

}  // namespace

bool CatchUpMemory::take(const std::shared_ptr<CatchUpReader>& reader, std::size_t bytes) {
    const std::lock_guard guard(mutex_);
    const bool was_called = called_.erase(reader.get()) != 0;
    if (was_called && !calls_.empty()) calls_.pop_front();
    const bool is_first = !waiting_.empty() && waiting_.front().who == reader.get();
    if ((was_called || is_first || waiting_.empty()) && bytes_ < most_bytes_) {
        if (is_first) pop_front();
        bytes_ += bytes;
        holds(reader);
        return true;
    }
    if (!who_waits_.insert(reader.get()).second) return false;
    // Who was called, and came too late, has waited already.
    waiting_.insert(was_called ? waiting_.begin() : waiting_.end(), {reader.get(), reader});
    if (!was_called) ++waits_;
    return false;
}

void CatchUpMemory::change(const CatchUpReader* reader, std::size_t from_bytes, std::size_t to_bytes) {
    const std::lock_guard guard(mutex_);
    bytes_ += to_bytes;
    bytes_ -= from_bytes;
    const auto held = who_holds_.find(reader);
    if (held == who_holds_.end()) return;
    if (to_bytes == 0) {
        holding_.erase(held->second);
        who_holds_.erase(held);
        return;
    }
    held->second->since = std::chrono::steady_clock::now();
    holding_.splice(holding_.end(), holding_, held->second);
}

void CatchUpMemory::leave(const CatchUpReader* reader) {
    const std::lock_guard guard(mutex_);
    if (called_.erase(reader) != 0 && !calls_.empty()) calls_.pop_front();
    if (who_waits_.erase(reader) == 0) return;
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.who == reader; });
}

void CatchUpMemory::call_next(std::size_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    std::shared_ptr<CatchUpReader> stuck;
    do {
        if (stuck != nullptr) stuck->let_go();
        stuck = nullptr;  // it may be the last that holds it, and the reader's end asks for the lock
        std::vector<std::shared_ptr<CatchUpReader>> next;
        {
            const std::lock_guard guard(mutex_);
            while (!calls_.empty() && calls_.front() + kOnTheirWay < now) calls_.pop_front();
            for (std::size_t held = bytes_ + calls_.size() * bytes;
                 held < most_bytes_ && !waiting_.empty();) {
                if (auto reader = waiting_.front().reader.lock()) {
                    called_.insert(reader.get());
                    calls_.push_back(now);
                    next.push_back(std::move(reader));
                    held += bytes;
                }
                pop_front();
            }
            if (!waiting_.empty()) stuck = next_stuck(now);
        }
        for (const auto& reader : next) reader->more();
    } while (stuck != nullptr);
}

void CatchUpMemory::pop_front() {
    who_waits_.erase(waiting_.front().who);
    waiting_.pop_front();
}

void CatchUpMemory::holds(const std::shared_ptr<CatchUpReader>& reader) {
    const auto now = std::chrono::steady_clock::now();
    const auto [held, is_new] = who_holds_.try_emplace(reader.get());
    if (is_new) {
        held->second = holding_.insert(holding_.end(), {reader.get(), reader, now});
    } else {
        held->second->since = now;
        holding_.splice(holding_.end(), holding_, held->second);
    }
}

// Each but once in a while: it may be that it cannot let go.
std::shared_ptr<CatchUpReader> CatchUpMemory::next_stuck(std::chrono::steady_clock::time_point now) {
    while (!holding_.empty() && holding_.front().since + patience_ < now) {
        holding_.front().since = now;
        holding_.splice(holding_.end(), holding_, holding_.begin());
        if (auto reader = holding_.back().reader.lock()) return reader;
    }
    return nullptr;
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
