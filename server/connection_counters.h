// The counters of long connections that old pages show: row `connections`, columns `connections-total` and
// `connections-live`.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "nmstore/store.h"

namespace nmstore::server {

// Any thread; opened() and closed() never wait for the disk: a thread of its own commits what has come
// together. What cannot be written is in the log once, and tried again.
class ConnectionCounters {
  public:
    explicit ConnectionCounters(Store& store);  // which must outlive it
    ~ConnectionCounters();                      // once more tries to write what is not written

    // Before the first connection: none is live, whatever a run that was killed has left.
    void reset_at_start();
    void opened();
    void closed();

  private:
    void run();
    bool write(std::int64_t total, std::int64_t live);

    Store& store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::int64_t total_ = 0;  // steps not yet written
    std::int64_t live_ = 0;
    bool stopping_ = false;
    bool told_ = false;  // of a failure; of the thread
    std::thread thread_;
};

}  // namespace nmstore::server
