// Who is connected: the connections that are open, each with who asked last over it, and for what.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/clock.h"
#include "server/http.h"

namespace nmstore::server {

struct OpenConnection {
    std::string peer;           // address and port
    std::string token;          // of the last request, "" without credentials
    std::string agent;          // its User-Agent, cut to kMaxAgentBytes
    std::string route;          // what it asked for, as the table of routes has it; "" before it has asked
    std::int64_t since_ms = 0;  // when the connection was accepted
    std::int64_t asked_ms = 0;  // when the last request began
    bool following = false;     // its answer stays open: a stream or a WebSocket
};

// All calls from any thread; none waits for more than the copy of what is here.
class OpenConnections {
  public:
    static constexpr std::size_t kMaxAgentBytes = 256;

    // `clock` must outlive it.
    explicit OpenConnections(const Clock& clock) : clock_(clock) {}
    OpenConnections(const OpenConnections&) = delete;
    OpenConnections& operator=(const OpenConnections&) = delete;

    // A connection as long as it is there; OpenConnections must outlive it.
    class Entry {
      public:
        Entry(OpenConnections& all, std::string peer);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        // A request that was admitted by this route; also ends following().
        void asks(const Request& request, std::string_view route);
        // The answer to it stays open.
        void follows();

      private:
        OpenConnections& all_;
        std::list<OpenConnection>::iterator place_;
    };

    // In the order in which they were accepted, those that have asked for something.
    std::vector<OpenConnection> list() const;

  private:
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::list<OpenConnection> all_;
};

}  // namespace nmstore::server
