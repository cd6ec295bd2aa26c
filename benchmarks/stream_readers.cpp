// stream_readers: very many readers of one channel, by Server-Sent Events and by WebSocket, and who writes to
// it: how long an event takes from the post that brings it to each reader, and whether each gets all. Or
// readers that only wait (--idle).
//
// Both ends are on this machine, so what the readers take is taken from the server. Talks to loopback only.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "benchmarks/cpu_seconds.h"

namespace {

using Wall = std::chrono::steady_clock;

struct Arguments {
    std::uint16_t port = 0;
    std::size_t readers = 1000;
    std::size_t events = 10'000;
    double rate = 1000;     // events a second
    std::size_t batch = 1;  // values in a post
    bool idle = false;      // until standard input ends
};

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(Wall::now().time_since_epoch()).count();
}

int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error("the server has closed a connection");
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string head_of(bool websocket) {
    std::string head = "GET /api/v1/channel?channel=/CFLongType/bench:stream HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    head += websocket ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                      : "Accept: text/event-stream\r\n\r\n";
    return head;
}

// Finds, in whatever pieces the bytes come, the moment that each event says it was sent.
class Reader {
  public:
    explicit Reader(int fd) : fd_(fd) {}
    int fd() const { return fd_; }
    std::size_t events() const { return events_; }

    // false: the connection has ended.
    bool take(std::vector<std::uint32_t>& took_us) {
        std::array<char, 64 * 1024> room;
        const ssize_t bytes = recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
        if (bytes < 0) return errno == EAGAIN || errno == EINTR;
        if (bytes == 0) return false;
        const std::int64_t now = now_us();
        rest_.append(room.data(), static_cast<std::size_t>(bytes));
        static constexpr std::string_view kMark = "\"columnvalue\":\"";
        std::size_t at = 0;
        for (;;) {
            const std::size_t mark = rest_.find(kMark, at);
            if (mark == std::string::npos) break;
            const std::size_t begin = mark + kMark.size();
            const std::size_t end = rest_.find('"', begin);
            if (end == std::string::npos) {
                at = mark;
                break;
            }
            std::int64_t sent = 0;
            std::from_chars(rest_.data() + begin, rest_.data() + end, sent);
            took_us.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(0, now - sent)));
            ++events_;
            at = end;
        }
        // A mark may be cut in two.
        if (at == 0 && rest_.size() > kMark.size() && rest_.find(kMark) == std::string::npos)
            at = rest_.size() - kMark.size();
        rest_.erase(0, at);
        return true;
    }

  private:
    int fd_;
    std::string rest_;
    std::size_t events_ = 0;
};

void publish(const Arguments& arguments, std::atomic<bool>& failed) {
    try {
        const int fd = connect_to(arguments.port);
        const Wall::time_point begin = Wall::now();
        std::size_t sent = 0;
        std::string answer;
        while (sent < arguments.events && !failed) {
            const auto due = begin + std::chrono::duration_cast<Wall::duration>(std::chrono::duration<double>(
                                         static_cast<double>(sent) / arguments.rate));
            std::this_thread::sleep_until(due);
            std::string body;
            for (std::size_t i = 0; i < arguments.batch && sent < arguments.events; ++i, ++sent)
                body += (body.empty() ? "" : "&") + std::to_string(1'308'700'800'000 + sent) + "=" +
                        std::to_string(now_us());
            send_all(fd,
                     "POST /v0.3/DATA/CFLongType/bench:stream?realtime=true HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                     "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
            answer.clear();
            while (answer.find("Success") == std::string::npos) {
                std::array<char, 4096> room;
                const ssize_t bytes = recv(fd, room.data(), room.size(), 0);
                if (bytes <= 0 || answer.size() > 64 * 1024)
                    throw std::runtime_error("a post failed: " + answer);
                answer.append(room.data(), static_cast<std::size_t>(bytes));
            }
        }
        close(fd);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "stream_readers: %s\n", e.what());
        failed = true;
    }
}

std::vector<Reader> connect_readers(const Arguments& arguments) {
    std::vector<Reader> readers;
    for (std::size_t i = 0; i < arguments.readers; ++i) {
        readers.emplace_back(connect_to(arguments.port));
        send_all(readers.back().fd(), head_of(i % 2 == 1));
    }
    // Each has its head before anything is written.
    for (Reader& reader : readers) {
        std::array<char, 4096> room;
        if (recv(reader.fd(), room.data(), room.size(), 0) <= 0)
            throw std::runtime_error("a reader was not let in");
    }
    return readers;
}

int run(const Arguments& arguments) {
    std::vector<Reader> readers = connect_readers(arguments);
    if (arguments.idle) {
        std::puts("ready");
        std::fflush(stdout);
        while (std::getchar() != EOF) {
        }
        return 0;
    }
    const int poll = epoll_create1(0);
    for (std::size_t i = 0; i < readers.size(); ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        epoll_ctl(poll, EPOLL_CTL_ADD, readers[i].fd(), &event);
    }
    std::vector<std::uint32_t> took_us;
    took_us.reserve(arguments.readers * arguments.events);
    std::atomic<bool> failed{false};
    const Wall::time_point begin = Wall::now();
    std::thread publisher([&] { publish(arguments, failed); });
    const std::size_t wanted = arguments.readers * arguments.events;
    const auto patience =
        std::chrono::duration<double>(30 + static_cast<double>(arguments.events) / arguments.rate);
    std::array<epoll_event, 256> ready;
    constexpr std::chrono::seconds kSaySomething{5};
    Wall::time_point say_something = begin + kSaySomething;
    while (took_us.size() < wanted && !failed && Wall::now() - begin < patience) {
        if (Wall::now() >= say_something) {
            // A WebSocket whose client says nothing is asked, and is dead if it does not answer.
            static constexpr std::string_view kPong("\x8a\x80\0\0\0\0", 6);
            for (std::size_t i = 1; i < readers.size(); i += 2) send_all(readers[i].fd(), kPong);
            say_something += kSaySomething;
        }
        const int count = epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 100);
        for (int i = 0; i < count; ++i) {
            if (!readers[ready[static_cast<std::size_t>(i)].data.u64].take(took_us)) failed = true;
        }
    }
    const double seconds = std::chrono::duration<double>(Wall::now() - begin).count();
    publisher.join();
    std::size_t whole = 0;
    for (const Reader& reader : readers) whole += reader.events() == arguments.events;
    std::sort(took_us.begin(), took_us.end());
    const auto at = [&](double part) {
        if (took_us.empty()) return 0.0;
        return took_us[static_cast<std::size_t>(part * static_cast<double>(took_us.size() - 1))] / 1000.0;
    };
    std::printf(
        "{\"readers\":%zu,\"events\":%zu,\"received\":%zu,\"wanted\":%zu,\"readers_with_all\":%zu,"
        "\"seconds\":%.3f,"
        "\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,\"cpu_seconds\":%."
        "3f}\n",
        readers.size(), arguments.events, took_us.size(), wanted, whole, seconds, at(0.5), at(0.9), at(0.99),
        at(0.999), at(1), nmstore::benchmarks::cpu_seconds());
    return took_us.size() == wanted && !failed ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Readers of one channel, and who writes to it: how long events take. On loopback.");
    app.add_option("--port", arguments.port, "Of nm-stored on 127.0.0.1")->required();
    app.add_option("--readers", arguments.readers, "Half by Server-Sent Events, half by WebSocket")
        ->capture_default_str();
    app.add_option("--events", arguments.events, "To be written")->capture_default_str();
    app.add_option("--rate", arguments.rate, "Events a second")->capture_default_str();
    app.add_option("--batch", arguments.batch, "Events in a post")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_flag("--idle", arguments.idle, "Only connect, say \"ready\", and stay until standard input ends");
    CLI11_PARSE(app, argc, argv);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    try {
        return run(arguments);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "stream_readers: %s\n", e.what());
        return 1;
    }
}
