// A source of events whose events the test gives, and which remembers what was called.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http.h"
#include "server/websocket_frame.h"
#include "tests/server/transport_fixture.h"

namespace nmstore::testing {

class TestSource : public EventSource {
  public:
    // ---- The test's side, any thread ----
    void give(const std::string& event) {
        std::function<void()> wake;
        {
            const std::lock_guard lock(mutex_);
            events_.push_back(event);
            wake = wake_;
        }
        if (wake) wake();
    }
    void end() {
        std::function<void()> wake;
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
            wake = wake_;
        }
        if (wake) wake();
    }
    std::function<void()> waker() {
        const std::lock_guard lock(mutex_);
        return wake_;
    }
    std::size_t waiting() {
        const std::lock_guard lock(mutex_);
        return events_.size();
    }

    // ---- The session's side ----
    More pull(std::string& out, std::size_t most) override {
        const std::lock_guard lock(mutex_);
        ++pulls;
        if (closings > 0) ++late_calls;
        if (throws) throw std::runtime_error("broken");
        if (endless) {
            out += std::string(most, 'x');
            return More::now;
        }
        const std::size_t before = out.size();
        while (!events_.empty() && out.size() - before < most) {
            out += events_.front();
            events_.pop_front();
        }
        if (!events_.empty()) return More::now;
        return ended_ ? More::end : More::wait;
    }
    std::string_view heartbeat() const override { return "beat\n"; }
    bool delays_head() const override { return delays; }
    void append_end(std::string& out, std::string_view code) override {
        const std::lock_guard lock(mutex_);
        out.append("end: ").append(code).append("\n");
    }
    void receive(std::string message) override {
        const std::lock_guard lock(mutex_);
        if (closings > 0) ++late_calls;
        received_bytes += message.size();
        if (!echoes) return;
        std::string frame;
        append_text_frame(frame, message);
        events_.push_back(std::move(frame));
    }
    void opened(std::function<void()> wake) override {
        const std::lock_guard lock(mutex_);
        ++openings;
        wake_ = std::move(wake);
    }
    void closed() override { ++closings; }

    std::atomic<int> openings{0};
    std::atomic<int> pulls{0};
    std::atomic<int> closings{0};
    std::atomic<int> late_calls{0};
    std::atomic<std::size_t> received_bytes{0};
    std::atomic<bool> delays{false};
    std::atomic<bool> endless{false};
    std::atomic<bool> throws{false};
    std::atomic<bool> echoes{true};

  private:
    std::mutex mutex_;
    std::deque<std::string> events_;
    std::function<void()> wake_;
    bool ended_ = false;
};

// GET /events and /socket, each with a source of its own.
struct EventServer {
    explicit EventServer(TransportLimits limits = {})
        : server({{Method::get, "/events", role_read,
                   [this](Request&) {
                       Response response;
                       response.content_type = "text/event-stream";
                       response.events = make();
                       return response;
                   }},
                  {Method::get, "/socket", role_read,
                   [this](Request& request) { return websocket_answer(request, make()); }},
                  {Method::get, "/get", role_read, [](Request&) { return Response{}; }}},
                 limits) {}

    std::shared_ptr<TestSource> make() {
        const std::lock_guard lock(mutex);
        sources.push_back(std::make_shared<TestSource>());
        sources.back()->delays = delays_heads;
        return sources.back();
    }
    // The one of the request so many before, once it is open.
    std::shared_ptr<TestSource> source(std::size_t number = 0) {
        REQUIRE(eventually([&] {
            const std::lock_guard lock(mutex);
            return sources.size() > number && sources[number]->openings > 0;
        }));
        const std::lock_guard lock(mutex);
        return sources[number];
    }

    std::mutex mutex;
    std::vector<std::shared_ptr<TestSource>> sources;
    bool delays_heads = false;  // of those that are asked for from now on
    TestServer server;
};

// The content of chunks, until `bytes` have come or the last chunk.
inline std::string dechunk(Client& client, std::size_t bytes = std::string::npos) {
    std::string content;
    while (content.size() < bytes) {
        const std::string prefix = client.read_until("\r\n");
        if (prefix.size() < 3) return content + "<cut>";
        const std::size_t size = std::strtoul(prefix.c_str(), nullptr, 16);
        content += client.read_bytes(size);
        if (client.read_bytes(2) != "\r\n") return content + "<cut>";
        if (size == 0) break;
    }
    return content;
}

}  // namespace nmstore::testing
