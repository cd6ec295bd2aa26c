// What readers that catch up from the store hold, all together. Each holds little, but there may be
// thousands: those for whom there is no room wait their turn, and are called when it has come. One that is
// called and does not come, as its client does not read, keeps nobody waiting for whom there is room as well.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "server/topic.h"

namespace nmstore::server {

// Threads: every call from any; call_next() with no lock of a reader held.
class CatchUpMemory {
  public:
    explicit CatchUpMemory(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // true: the bytes are taken, whatever they are, as less than the most was held, and it is this reader's
    // turn. false: it waits behind those that came before; it is called once it may ask again.
    bool take(const std::shared_ptr<TopicReader>& reader, std::size_t bytes);
    // What was taken is more, or less, than was said.
    void change(std::size_t from_bytes, std::size_t to_bytes);
    // The reader waits no more.
    void leave(const TopicReader* reader);
    // Calls those whose turn has come, as many as may each take this much.
    void call_next(std::size_t bytes);

    std::size_t bytes() const;
    std::uint64_t waits() const;  // how often one had to wait

  private:
    struct Waiting {
        const TopicReader* who;
        std::weak_ptr<TopicReader> reader;
    };
    void pop_front();  // with mutex_ held

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::uint64_t waits_ = 0;
    std::deque<Waiting> waiting_;
    std::unordered_set<const TopicReader*> who_waits_;
    std::unordered_set<const TopicReader*> called_;  // and not come yet
};

}  // namespace nmstore::server
