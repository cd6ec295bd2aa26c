// The long work that runs at this moment, whoever began it: compaction, backup and the like.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/clock.h"
#include "nmstore/store.h"

namespace nmstore::server {

struct RunningJob {
    std::uint64_t id = 0;  // from 1 on, never used again by this process
    std::string what;      // "compact", "verify", "backup", "reindex" or "retention"
    std::string token;     // of whoever began it; "" without credentials
    std::string address;   // from where; "": the server by itself
    std::int64_t begun_ms = 0;
    std::string stage;  // "" before it has told anything
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: not known
    std::string unit;
};

// All calls from any thread; none waits for more than the copy of what is here.
class RunningWork {
  public:
    // `clock` must outlive it.
    explicit RunningWork(const Clock& clock) : clock_(clock) {}
    RunningWork(const RunningWork&) = delete;
    RunningWork& operator=(const RunningWork&) = delete;

    // A job that runs as long as this is there; RunningWork must outlive it. `peer`: address and port, or "".
    class Entry {
      public:
        Entry(RunningWork& all, std::string_view what, std::string token, const std::string& peer);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        std::uint64_t id() const { return id_; }
        void report(const ProgressReport& report);

      private:
        RunningWork& all_;
        std::uint64_t id_ = 0;
        std::list<RunningJob>::iterator place_;
    };

    std::vector<RunningJob> list() const;  // in the order in which they were begun

  private:
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::uint64_t last_id_ = 0;
    std::list<RunningJob> all_;
};

}  // namespace nmstore::server
