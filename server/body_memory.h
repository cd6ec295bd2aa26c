// How much memory all request bodies together may take. One body takes its whole declared length before it is
// read, so that bodies never wait for each other half-read. On the thread of the sockets only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "server/metrics.h"

namespace nmstore::server {

class BodyMemory {
  public:
    BodyMemory(std::size_t limit_bytes, Metrics& metrics) : limit_(limit_bytes), metrics_(metrics) {}

    // A part of the memory, given back when it is destroyed. Must not outlive the BodyMemory.
    class Share {
      public:
        Share(BodyMemory& memory, std::function<void()> wake) : memory_(memory), wake_(std::move(wake)) {}
        ~Share();
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        // Makes the share at least `bytes` big. false: no room now; wake is called when to try again. First
        // come, first served.
        bool grow_to(std::size_t bytes);
        std::size_t bytes() const { return bytes_; }
        void stop_waiting();

      private:
        friend class BodyMemory;
        BodyMemory& memory_;
        std::function<void()> wake_;
        std::size_t bytes_ = 0;
        bool waits_ = false;
    };

  private:
    void wake_first();

    const std::size_t limit_;
    Metrics& metrics_;
    std::size_t held_ = 0;
    std::deque<Share*> waiting_;
};

}  // namespace nmstore::server
