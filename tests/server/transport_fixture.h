// A listener in this process with handlers of the test's own, and a client that sends bytes as they are.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/listener.h"
#include "server/log.h"
#include "tests/catch.h"
#include "tests/eventually.h"

namespace nmstore::testing {

using namespace nmstore::server;
using namespace std::chrono_literals;

inline constexpr std::chrono::seconds kPatience{20};  // no test waits so long unless something is broken

// Handlers wait here until the test lets them go on.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.wait_for(lock, kPatience, [this] { return open_; });
    }
    int arrived() {
        const std::lock_guard lock(mutex_);
        return arrived_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int arrived_ = 0;
};

class Client {
  public:
    explicit Client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        const timeval limit{kPatience.count(), 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // Bytes up to and with `mark`, or all until the connection ends.
    std::string read_until(std::string_view mark) {
        std::size_t end = input_.find(mark);
        while (end == std::string::npos && fill()) end = input_.find(mark);
        return cut(end == std::string::npos ? input_.size() : end + mark.size());
    }
    std::string read_bytes(std::size_t count) {
        while (input_.size() < count && fill()) {
        }
        return cut(std::min(count, input_.size()));
    }
    std::string read_all() {
        while (fill()) {
        }
        return cut(input_.size());
    }
    // One answer with a declared length.
    struct Answer {
        int status = 0;
        std::string head, body;
    };
    Answer read_answer(bool with_body = true) {
        Answer answer;
        answer.head = read_until("\r\n\r\n");
        if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
        const std::size_t length = answer.head.find("Content-Length: ");
        if (with_body && length != std::string::npos) {
            answer.body = read_bytes(std::strtoul(answer.head.c_str() + length + 16, nullptr, 10));
        }
        return answer;
    }
    Answer ask(std::string_view bytes) {
        send(bytes);
        return read_answer();
    }
    bool at_end() { return read_all().empty(); }
    void end_sending() { shutdown(socket_, SHUT_WR); }
    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    // Closes so that the other side gets a reset.
    void reset() {
        const linger hard{1, 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close();
    }

  private:
    bool fill() {
        char buffer[65536];
        const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        input_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    std::string cut(std::size_t count) {
        std::string taken = input_.substr(0, count);
        input_.erase(0, count);
        return taken;
    }

    int socket_;
    std::string input_;
};

class OpenToAll : public Credentials {
  public:
    bool empty() const override { return true; }
    Principal check(std::string_view) const override { return {"", role_all}; }
    std::optional<Principal> recall(std::string_view) const override { return Principal{"", role_all}; }
    bool still_grants(const Principal&) const override { return true; }
    bool has_token(std::string_view) const override { return false; }
};

// Lets nobody in, nor stay.
class ClosedToAll : public Credentials {
  public:
    bool empty() const override { return false; }
    Principal check(std::string_view) const override { return {}; }
    std::optional<Principal> recall(std::string_view) const override { return Principal{}; }
    bool still_grants(const Principal&) const override { return false; }
    bool has_token(std::string_view) const override { return false; }
};

struct TestServer {
    explicit TestServer(std::vector<Route> routes, TransportLimits limits = {}, std::size_t workers = 4,
                        std::size_t queue = 16,
                        std::shared_ptr<const Credentials> credentials = std::make_shared<OpenToAll>())
        : source(std::move(credentials)), service(router, source, metrics), pool(workers, queue, metrics) {
        set_log(LogLevel::off, LogFormat::text);
        router.add(std::move(routes));
        auto started = Listener::start({{"127.0.0.1", 0, true}, limits, false}, service, pool, metrics);
        REQUIRE(started.ok());
        listener = std::move(*started);
    }
    ~TestServer() {
        listener->abandon();
        pool.close(std::chrono::milliseconds(kPatience));
        listener.reset();
    }
    std::uint16_t port() const { return listener->address().port; }

    Metrics metrics;
    Router router;
    CredentialSource source;
    Service service;
    WorkerPool pool;
    std::unique_ptr<Listener> listener;
};

// What most tests ask for: /echo answers with the body, /get with the path's segments, /v0.3/echo as /echo.
inline std::vector<Route> echo_routes() {
    const Handler echo = [](Request& request) {
        Response response;
        response.content_type = "application/octet-stream";
        response.body = request.body;
        return response;
    };
    const Handler get = [](Request& request) {
        Response response;
        for (const std::string& segment : request.path) response.body += "[" + segment + "]";
        return response;
    };
    return {{Method::post, "/echo", role_ingest, echo},
            {Method::post, "/v0.3/echo", role_ingest, echo},
            {Method::get, "/get", role_read, get},
            {Method::get, "/get/{name}", role_read, get}};
}

inline std::string post(std::string_view path, std::string_view body, std::string_view headers = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
inline std::string get(std::string_view path, std::string_view headers = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

}  // namespace nmstore::testing
