#include "server/agent_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

namespace nmstore::server {

AgentHandle::~AgentHandle() {
    if (number_ >= 0) close(number_);
}

Result<AgentHandle> listen_for_agents(const ListenAddress& address) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto fail = [&] {
        return Error{Code::unavailable, "cannot listen on " + address.text() + ": " + std::strerror(errno)};
    };
    if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0)
        return fail();
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    AgentHandle door(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (door.get() < 0 || setsockopt(door.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(door.get(), found->ai_addr, found->ai_addrlen) != 0 || listen(door.get(), SOMAXCONN) != 0) {
        return fail();
    }
    static_cast<void>(setsockopt(door.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on));
    return door;
}

std::uint16_t port_of(const AgentHandle& door) {
    sockaddr_storage real{};
    socklen_t size = sizeof real;
    getsockname(door.get(), reinterpret_cast<sockaddr*>(&real), &size);
    const std::string name = name_of(real, size);
    return static_cast<std::uint16_t>(std::stoi(name.substr(name.rfind(':') + 1)));
}

std::string name_of(const sockaddr_storage& address, socklen_t size) {
    char host[NI_MAXHOST] = "unknown";
    char port[NI_MAXSERV] = "0";
    getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    return std::string(host) + ":" + port;
}

void find_dead_peer(const AgentHandle& socket) {
    const auto set = [&socket](int level, int name, int value) {
        static_cast<void>(setsockopt(socket.get(), level, name, &value, sizeof value));
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 20);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

std::optional<std::int64_t> arrival_ns(const AgentHandle& socket) {
    char byte = 0;
    iovec room{&byte, 1};
    alignas(cmsghdr) char remarks[256];
    msghdr message{};
    message.msg_iov = &room;
    message.msg_iovlen = 1;
    message.msg_control = remarks;
    message.msg_controllen = sizeof remarks;
    const ssize_t got = recvmsg(socket.get(), &message, MSG_PEEK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (got <= 0) return 0;
    for (cmsghdr* remark = CMSG_FIRSTHDR(&message); remark != nullptr;
         remark = CMSG_NXTHDR(&message, remark)) {
        if (remark->cmsg_level != SOL_SOCKET || remark->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec at{};
        std::memcpy(&at, CMSG_DATA(remark), sizeof at);
        return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec;
    }
    return 0;
}

}  // namespace nmstore::server
