// The raw port of old agents: messages //START//{json}//END//, each stored as a post of its value.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "nmstore/store.h"
#include "server/connection_counters.h"
#include "server/listen_address.h"
#include "server/metrics.h"

namespace nmstore::server {

struct AgentPortLimits {
    std::size_t max_message = std::size_t{1} << 20;  // "agent_message"; what is longer is passed over
    std::size_t max_connections = 1024;              // "agent_connections"; beyond: closed at once
    std::size_t max_commit = std::size_t{4} << 20;   // bytes read before what they hold is stored
    std::chrono::milliseconds idle_timeout{
        3600 * 1000};  // old agents keep their connection, and may have nothing to say
};

class AgentPort {
  public:
    // Listens on a thread of its own: it reads from all connections that have something, stores all of it in
    // one commit, notes in another whose it is, and reads on; so nothing is read while a commit runs. Of two
    // messages of one key and date the one stays that arrived later at this machine, on whichever
    // connection. What
    // the store can never take is lost, and in the log; the rest of it is stored. What all of it refers to
    // must outlive it. unavailable: the address cannot be had.
    // may_write: if it fails, what was read waits, as where the store is read-only.
    static Result<std::unique_ptr<AgentPort>> start(
        const ListenAddress& address, const AgentPortLimits& limits, Store& store, Metrics& metrics,
        ConnectionCounters& counters,
        std::function<Result<void>()> may_write = [] { return Result<void>(); });
    // Takes what has been received, stores what of it is whole, and closes. Does not wait for a store that is
    // read-only.
    virtual ~AgentPort() = default;
    virtual ListenAddress address() const = 0;  // with the real port
};

}  // namespace nmstore::server
