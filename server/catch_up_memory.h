// What readers that catch up from the store hold, all together. Each holds little, but there may be
// thousands: those for whom there is no room wait their turn, and are called when it has come. One that is
// called and does not come soon, as its client does not read, keeps nobody waiting for whom there is room;
// and what such a client has not taken for a while is let go where others wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "server/topic.h"

namespace nmstore::server {

class CatchUpReader : public TopicReader {
  public:
    // Others wait for the room of what it has read and not handed out: it reads that again when it can.
    // Called with no lock of the memory or of a reader held; any thread.
    virtual void let_go() = 0;
};

// Threads: every call from any; call_next() with no lock of a reader held.
class CatchUpMemory {
  public:
    // What is neither more nor less for `patience` is let go where others wait.
    CatchUpMemory(std::size_t most_bytes, std::chrono::milliseconds patience)
        : most_bytes_(most_bytes), patience_(patience) {}

    // true: the bytes are taken, whatever they are, as less than the most was held, and it is this reader's
    // turn. false: it waits behind those that came before; it is called once it may ask again.
    bool take(const std::shared_ptr<CatchUpReader>& reader, std::size_t bytes);
    // What the reader took is more, or less, than was said.
    void change(const CatchUpReader* reader, std::size_t from_bytes, std::size_t to_bytes);
    // The reader waits no more.
    void leave(const CatchUpReader* reader);
    // Calls those whose turn has come, as many as may each take this much. To be called now and then while
    // somebody waits, as nothing else may happen where all that hold something are stuck.
    void call_next(std::size_t bytes);

    std::size_t bytes() const;
    std::uint64_t waits() const;  // how often one had to wait

  private:
    struct Waiting {
        const CatchUpReader* who;
        std::weak_ptr<CatchUpReader> reader;
    };
    struct Holding {
        const CatchUpReader* who;
        std::weak_ptr<CatchUpReader> reader;
        std::chrono::steady_clock::time_point since;
    };
    // ---- With mutex_ held
    void pop_front();
    void holds(const std::shared_ptr<CatchUpReader>& reader);
    std::shared_ptr<CatchUpReader> next_stuck(std::chrono::steady_clock::time_point now);

    const std::size_t most_bytes_;
    const std::chrono::milliseconds patience_;
    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::uint64_t waits_ = 0;
    std::deque<Waiting> waiting_;
    std::unordered_set<const CatchUpReader*> who_waits_;
    std::unordered_set<const CatchUpReader*> called_;          // and not come yet
    std::deque<std::chrono::steady_clock::time_point> calls_;  // of late: those are on their way
    std::list<Holding> holding_;  // those first for whom nothing has changed for longest
    std::unordered_map<const CatchUpReader*, std::list<Holding>::iterator> who_holds_;
};

}  // namespace nmstore::server
