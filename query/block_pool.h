// The threads that large queries share to read blocks ahead. A query that is done within a moment never
// comes here.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nmstore::query {

// Besides the query's own thread, which works too.
inline constexpr std::size_t kMaxPoolThreads = 15;

// Any thread may call it.
class BlockPool {
  public:
    explicit BlockPool(std::size_t threads);
    ~BlockPool();  // forgets what waits, and waits for what runs
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    std::size_t threads() const { return threads_.size(); }
    // Jobs must not throw. They run in the order in which they came. Whoever adds them bounds their number.
    void run(std::function<void()> job);

    // The one of this process, started when first asked for: a thread for each of the machine but one, at
    // least one.
    static BlockPool& shared();

  private:
    void work();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool closed_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace nmstore::query
