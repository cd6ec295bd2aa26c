// One connection of the old page: its messages are answered one after the other, in the pool of handlers.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/connection_counters.h"
#include "server/page_users.h"
#include "server/routes.h"

namespace nmstore::server {

// What the sessions of all pages share. Lives longer than they.
struct Pages {
    Context& context;
    PageUsers& users;
    ConnectionCounters& counters;
};

class PageSession final : public EventSource, public std::enable_shared_from_this<PageSession> {
  public:
    // Of one connection: requests that wait for those before them, in number and in bytes. What is more is
    // answered with an error, ahead of those that wait.
    static constexpr std::size_t kMaxWaiting = 64;
    static constexpr std::size_t kMaxWaitingBytes = std::size_t{1} << 20;

    PageSession(Pages& pages, Principal asker) : pages_(pages), asker_(std::move(asker)) {}

    More pull(std::string& out, std::size_t most) override;
    void receive(std::string message) override;
    void opened(std::function<void()> wake) override;
    void closed() override;

  private:
    struct Waiting {
        std::uint64_t number;
        std::string message;
    };
    void greet();
    // Whether a job is to be started, which is then counted as running.
    bool may_start();
    void start();
    void work();
    void say(std::string_view text);  // with the lock

    Pages& pages_;
    const Principal asker_;
    std::atomic<bool> gone_{false};

    std::mutex mutex_;  // guards what follows
    std::function<void()> wake_;
    std::string id_;
    bool greeted_ = false;
    bool running_ = false;
    std::uint64_t received_ = 0;
    std::deque<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::string out_;  // frames; the next request waits until they are taken
};

// GET / and /ws: the page's socket. GET /realtime: the stream of agents' messages.
std::vector<Route> page_routes(Pages& pages);

}  // namespace nmstore::server
