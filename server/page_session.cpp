#include "server/page_session.h"

#include <exception>

#include "server/api_calls.h"
#include "server/error_answer.h"
#include "server/log.h"
#include "server/page_asset.h"
#include "server/page_request.h"
#include "server/websocket_frame.h"

namespace nmstore::server {

void PageSession::opened(std::function<void()> wake) {
    pages_.counters.opened();
    // With the lock, as the id may be written before it is known here.
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    id_ = pages_.users.opened([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->greet();
    });
}

void PageSession::closed() {
    gone_ = true;
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    waiting_.clear();
    pages_.users.closed(id_);
    pages_.counters.closed();
}

// The page's own id stands in the row `users` before the first request is answered.
void PageSession::greet() {
    std::function<void()> wake;
    bool starts = false;
    {
        const std::lock_guard lock(mutex_);
        greeted_ = true;
        say(page_greeting(id_));
        wake = wake_;
        starts = may_start();
    }
    if (starts) start();
    if (wake) wake();
}

void PageSession::say(std::string_view text) {
    append_text_frame(out_, text);
}

EventSource::More PageSession::pull(std::string& out, std::size_t) {
    bool starts = false;
    {
        const std::lock_guard lock(mutex_);
        // All of it, so that what is taken in one round is sent before more is read.
        out += out_;
        std::string().swap(out_);
        starts = may_start();
    }
    if (starts) start();
    return More::wait;
}

void PageSession::receive(std::string message) {
    bool starts = false;
    {
        const std::lock_guard lock(mutex_);
        const std::uint64_t number = ++received_;
        const bool fits = waiting_.empty() || (waiting_.size() < kMaxWaiting &&
                                               waiting_bytes_ + message.size() <= kMaxWaitingBytes);
        if (!fits) {
            pages_.context.metrics.limit_hit("page_requests");
            say(page_error("", "", number,
                           {Code::busy, "too many requests wait for their answers: at most " +
                                            std::to_string(kMaxWaiting) + ", of " +
                                            std::to_string(kMaxWaitingBytes >> 20) + " MiB together"}));
            return;
        }
        waiting_bytes_ += message.size();
        waiting_.push_back({number, std::move(message)});
        starts = may_start();
    }
    if (starts) start();
}

bool PageSession::may_start() {
    if (!greeted_ || running_ || gone_ || waiting_.empty() || !out_.empty()) return false;
    running_ = true;
    return true;
}

void PageSession::start() {
    const auto job = [self = shared_from_this()] { self->work(); };
    if (pages_.context.run_job && pages_.context.run_job(job)) return;
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        running_ = false;
        for (const Waiting& one : waiting_) {
            say(page_error("", "", one.number, {Code::busy, "the server is busy: ask again later"}));
        }
        waiting_.clear();
        waiting_bytes_ = 0;
        wake = wake_;
    }
    if (wake) wake();
}

// One request; the next is begun once its answer has been taken.
void PageSession::work() {
    Waiting request{};
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) {
            running_ = false;
            return;
        }
        request = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_bytes_ -= request.message.size();
    }
    std::string answer;
    try {
        answer = answer_page(pages_.context, asker_, request.number, request.message,
                             [this] { return gone_.load(); });
    } catch (const std::exception& error) {
        pages_.context.metrics.handler_exceptions.fetch_add(1, std::memory_order_relaxed);
        log_event(LogLevel::error, "a page's request failed", {{"why", error.what()}});
        answer = page_error("", "", request.number, {Code::io, "the server failed to answer"});
    }
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        running_ = false;
        if (!gone_) say(answer);
        wake = wake_;
    }
    if (wake) wake();
}

std::vector<Route> page_routes(Pages& pages) {
    const Handler socket = [&pages](Request& request) {
        if (!wants_websocket(request) && request.path.size() == 1 && request.path[0].empty())
            return page_index(request);
        if (!wants_websocket(request)) {
            Response response = error_answer(error_shape(request.target), 426, "unsupported",
                                             "here is a WebSocket: see docs/api.md");
            response.headers.emplace_back("Upgrade", "websocket");
            return response;
        }
        return websocket_answer(request, std::make_shared<PageSession>(pages, request.principal),
                                pages.context.config.allow_origins);
    };
    std::vector<Route> routes;
    // Anybody may have the page itself: it asks for credentials, and holds nothing of the store.
    routes.push_back({Method::get, "/", role_read, socket, role_none});
    routes.push_back({Method::get, "/ws", role_read, socket});
    routes.push_back({Method::get, "/assets/{name}", role_none, page_asset});
    for (const std::string_view path : {"/realtime", "/realtime/"})
        routes.push_back(api_route(pages.context, Method::get, path, role_read, api::messages));
    return routes;
}

}  // namespace nmstore::server
