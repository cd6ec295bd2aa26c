// The sockets of the agents' port, as the system gives them. Private to agent_port.cpp.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "server/listen_address.h"

namespace nmstore::server {

// Owns a file descriptor; -1: none.
class AgentHandle {
  public:
    explicit AgentHandle(int number = -1) : number_(number) {}
    AgentHandle(AgentHandle&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    AgentHandle& operator=(AgentHandle&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~AgentHandle();
    int get() const { return number_; }

  private:
    int number_;
};

// A socket that listens there and does not block. Those that it accepts know when their bytes arrived.
// unavailable: the address cannot be had.
Result<AgentHandle> listen_for_agents(const ListenAddress& address);
std::uint16_t port_of(const AgentHandle& door);

std::string name_of(const sockaddr_storage& address, socklen_t size);  // "127.0.0.1:51234"

// An agent whose machine is gone without a word must not keep its place for long.
void find_dead_peer(const AgentHandle& socket);

// When the first byte that is not read yet arrived at this machine, in nanoseconds since the epoch (what the
// system has joined in one piece has the time of its last byte); 0: the system cannot tell. The end of the
// stream, or an error, is there as soon as it is looked at. nullopt: there is nothing to be read.
std::optional<std::int64_t> arrival_ns(const AgentHandle& socket);

}  // namespace nmstore::server
