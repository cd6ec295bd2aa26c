// What readers that catch up from the store hold, all together. Each holds little, but there may be
// thousands: those for whom there is no room wait their turn, and are told when it has come.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "server/topic.h"

namespace nmstore::server {

// Threads: every call from any; wake_next() with no lock of a reader held.
class CatchUpMemory {
  public:
    explicit CatchUpMemory(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // true: the bytes are taken, whatever was there, as less than the most was held, and nobody waits before
    // this reader. false: it waits, behind those that came before, until it asks again; once its turn has
    // come it is told so.
    bool take(const std::shared_ptr<TopicReader>& reader, std::size_t bytes);
    // What was taken is more, or less, than was said.
    void change(std::size_t from_bytes, std::size_t to_bytes);
    // The reader waits no more.
    void leave(const TopicReader* reader);
    // Tells whoever's turn has come.
    void wake_next();

    std::size_t bytes() const;
    std::uint64_t waits() const;  // how often one had to wait

  private:
    struct Waiting {
        const TopicReader* who;
        std::weak_ptr<TopicReader> reader;
    };
    // ---- With mutex_ held
    void forget_gone();  // at the front
    void pop_front();

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::uint64_t waits_ = 0;
    std::deque<Waiting> waiting_;
    std::unordered_set<const TopicReader*> who_waits_;
};

}  // namespace nmstore::server
