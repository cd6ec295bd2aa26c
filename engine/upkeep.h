// Looks after what lies still: blocks whose cells have expired go, and the rows of days that are over are
// compacted as Store::compact would, so that settled data is small and quick by itself.
//
// One thread of low priority. Now and then it looks at the heads of all blocks, and works on the rows that
// need it, a block at a time; between them it rests, so that it takes no more than a share of one core. A row
// is left alone as long as something comes: nothing but a write makes a block with a new number. What it
// knows of rows is in memory only and bounded (kMaxRows). It also gives back the room of what somebody has
// removed while the disk was full, and lets the journal go then, as nobody's commit does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/core.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

class Upkeep {
  public:
    static constexpr std::size_t kMaxRows = 200'000;  // others wait for a later look

    // The core must outlive it.
    explicit Upkeep(Core& core);
    ~Upkeep();  // stops
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    void start();
    void stop();  // waits for the block at work, and no longer

    // One look at everything; not while the thread runs.
    Result<void> look();

  private:
    struct Seen {
        std::uint64_t newest_block = 0;
        std::int64_t since_ms = 0;
        bool done = false;  // nothing more can be made of these blocks
    };

    void run();
    void give_back_removed();
    void give_back_journal();
    Result<void> look_after(RowId row);
    Result<void> look_at_expired(const BlockInfo& block);
    Result<bool> is_settled(RowId row, const std::vector<BlockInfo>& blocks);
    Result<void> compact(RowId row);
    Result<void> index_at_rest(const Progress& go_on);
    Result<void> give_back_compacted();
    void rest();
    bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
    bool pause(std::chrono::milliseconds time, bool until_wanted);
    void want_room();

    Core& core_;
    const UpkeepOptions options_;
    std::thread thread_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool wanted_ = false;  // room; guarded by mutex_

    // The thread's own.
    bool journal_let_go_ = false;  // of which the room was not given back yet
    std::unordered_map<RowId, Seen> seen_;
    std::unordered_map<std::uint64_t, std::int64_t> half_expired_ms_;  // by number of block
    std::vector<RowId> compacted_;                                     // since room was given back
    std::uint64_t rewritten_bytes_ = 0;                                // of these
    std::chrono::steady_clock::time_point rested_;
};

}  // namespace nmstore
