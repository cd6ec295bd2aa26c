// The blocks that a query comes to next, read ahead of it: by threads of the pool, and by the query's own
// where it would have to wait for them. What they give is taken in the order that the query wants, so that
// its answer does not depend on who was faster.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "nmstore/store.h"
#include "query/block_cursor.h"
#include "query/block_pool.h"

namespace nmstore::query {

// What a block adds to a count of some kind.
class BlockTally {
  public:
    virtual ~BlockTally() = default;
};

// What reading a block for a query gave. Both null: no line of it matches.
struct BlockAnswer {
    bool opened = false;  // else its filter told all
    std::unique_ptr<BlockCursor> cursor;
    std::unique_ptr<BlockTally> tally;
};

// add() and take() are for the query's thread.
class BlockJobs {
  public:
    // Called by any thread, for different blocks at a time; must not throw.
    using Read = std::function<Result<BlockAnswer>(const LogRow& row, const BlockInfo& block)>;
    BlockJobs(BlockPool& pool, Read read);
    ~BlockJobs();  // forgets what waits, and waits for what is being read
    BlockJobs(const BlockJobs&) = delete;
    BlockJobs& operator=(const BlockJobs&) = delete;

    struct Job {
        const LogRow& row;
        BlockInfo block;
        bool started = false;
        std::optional<Result<BlockAnswer>> answer;
    };
    // The row must outlive this.
    Job* add(const LogRow& row, const BlockInfo& block);
    // Waits for it, or does it (and, while another thread has it, others that were added). It is gone then.
    Result<BlockAnswer> take(Job* job);
    // Those that were added and not taken.
    std::size_t size() const;

  private:
    // Outlives this while threads of the pool hold it.
    struct Jobs {
        explicit Jobs(Read how) : read(std::move(how)) {}
        Read read;
        std::mutex mutex;
        std::condition_variable done;
        std::list<Job> all;  // in the order in which they came
        std::size_t running = 0;
    };
    // Does the first that waits, if there is one. `lock` is of the jobs' mutex.
    static bool do_next(Jobs& jobs, std::unique_lock<std::mutex>& lock);

    BlockPool& pool_;
    std::shared_ptr<Jobs> jobs_;
};

}  // namespace nmstore::query
