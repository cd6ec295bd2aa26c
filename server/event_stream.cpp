#include "server/event_stream.h"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "server/log.h"
#include "server/wire_format.h"

namespace nmstore::server {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kCloseWait{2000};  // for the client's close frame, once ours is sent
constexpr std::size_t kKeptRoom = 1024;                // a silent stream keeps no more memory than this

StreamKind kind_of(const Response& response) {
    if (response.status == 101) return StreamKind::websocket;
    if (response.content_type.starts_with("text/event-stream")) return StreamKind::sse;
    if (response.content_type.starts_with("application/x-ndjson")) return StreamKind::ndjson;
    return StreamKind::poll;
}

// Nothing between us and the reader is to keep the answer, or to collect it before it passes it on.
std::string stream_head(Response& response, bool old_reader, bool keep_alive) {
    HeadOptions options;
    options.form = old_reader ? BodyForm::until_eof : BodyForm::chunked;
    options.keep_alive = keep_alive;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no");
    return format_head(response, options);
}

}  // namespace

// What a source holds of a stream: it may wake it from any thread, and after its end. While the stream is
// awake that costs one exchange.
class StreamWaker {
  public:
    explicit StreamWaker(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

    void wake() {
        if (state_.exchange(State::called) != State::asleep) return;
        // The io_context may go once its streams have ended; under the lock this one has not.
        const std::lock_guard lock(mutex_);
        if (connection_) connection_->wake();
    }

    // The stream's side. Before it looks at the source; what is called from here on keeps it from sleeping.
    void begin_round() { state_.exchange(State::awake); }
    bool may_sleep() {
        State expected = State::awake;
        return state_.compare_exchange_strong(expected, State::asleep);
    }
    void end() {
        const std::lock_guard lock(mutex_);
        connection_.reset();
    }

  private:
    enum class State : std::uint8_t { awake, asleep, called };
    std::atomic<State> state_{State::awake};
    std::mutex mutex_;
    std::shared_ptr<Connection> connection_;
};

EventStream::EventStream(Connection& connection, const TransportLimits& limits, Metrics& metrics,
                         Access access, const bool& stopping)
    : connection_(connection),
      limits_(limits),
      metrics_(metrics),
      access_(std::move(access)),
      stopping_(stopping),
      frames_(limits.max_message) {}

EventStream::~EventStream() {
    close();
}

void EventStream::open(std::shared_ptr<EventSource> source) {
    source_ = std::move(source);
    said_ = heard_ = std::chrono::steady_clock::now();
    metrics_.stream_began(kind_);
    connection_.find_dead_peer(limits_.write_timeout);
    connection_.open_ended = true;
    if (stopping_) connection_.hurry(kStopPatience);
    connection_.watch();
    waker_ = std::make_shared<StreamWaker>(connection_.shared_from_this());
    try {
        source_->opened([waker = waker_] { waker->wake(); });
    } catch (const std::exception& e) {
        failed_ = true;
        log_event(LogLevel::error, "a stream of events failed", {{"why", e.what()}});
    }
}

void EventStream::close() {
    if (!source_) return;
    connection_.open_ended = false;
    waker_->end();
    const std::shared_ptr<EventSource> source = std::move(source_);
    source_ = nullptr;
    metrics_.stream_ended(kind_);
    try {
        source->closed();
    } catch (...) {
        metrics_.handler_exceptions.fetch_add(1, std::memory_order_relaxed);
        log_event(LogLevel::error, "the end of a stream of events failed", {});
    }
}

asio::awaitable<EventStream::End> EventStream::run(Response response, Method method, bool old_reader,
                                                   bool keep_alive) {
    kind_ = kind_of(response);
    const bool chunked = !old_reader && !is_websocket();
    const bool stays = keep_alive || is_websocket();
    if (method == Method::head) {
        const std::string head = stream_head(response, old_reader, stays);
        const Io io = co_await connection_.write(head, "", limits_.write_timeout);
        co_return io == Io::ok ? End::complete : End::broken;
    }
    head_waits_ = response.events->delays_head();
    std::string head = head_waits_ ? std::string() : stream_head(response, old_reader, stays);
    open(std::move(response.events));
    if (!head_waits_) response = Response();
    std::string out;
    while (true) {
        waker_->begin_round();
        const EventSource::More more = round(out);
        if (dead_ || (failed_ && !is_websocket()))
            break;  // a reader of chunks sees that the last one is missing
        if (head_waits_ && (!out.empty() || more == EventSource::More::end)) {
            head_waits_ = false;
            source_->complete_head(response.headers);
            head = stream_head(response, old_reader, stays && !stopping_);
            response = Response();
        }
        if (chunked) {
            if (!out.empty()) {
                head += chunk_prefix(out.size());
                out += "\r\n";
            }
            if (more == EventSource::More::end) out += kLastChunk;
        }
        if (!head.empty() || !out.empty()) {
            const Io io = co_await connection_.write(head, out, limits_.write_timeout);
            if (io == Io::timeout && !stopping_) metrics_.limit_hit("write_timeout");
            if (io != Io::ok) break;
            said_ = std::chrono::steady_clock::now();
            if (pings_) pinged_ = said_;
            pings_ = false;
            std::string().swap(head);
            out.clear();
            if (out.capacity() > kKeptRoom) std::string().swap(out);
        }
        if (more == EventSource::More::end) {
            close();
            if (!is_websocket()) co_return End::complete;
            co_return co_await say_goodbye();
        }
        if (connection_.gone()->load()) break;
        if (more == EventSource::More::wait && source_->pace() > std::chrono::milliseconds(0)) {
            const Io io = co_await connection_.wait(said_ + source_->pace());
            if (io == Io::failed) break;
        }
        if (more == EventSource::More::now || !waker_->may_sleep()) continue;
        connection_.release_room();
        const Io io = co_await connection_.wait(std::min(heartbeat_time(), source_->due()));
        if (io == Io::failed) break;
    }
    close();
    co_return End::broken;
}

// One look at everything: what the client sent, whether the stream is to end, what the source has, and
// whether there has been silence for too long.
EventSource::More EventStream::round(std::string& out) {
    using More = EventSource::More;
    More more = More::wait;
    try {
        if (failed_) {
            more = More::end;
        } else {
            revoked_ = !access_.holds();
            if (is_websocket() && !revoked_) read_frames(out);
            dead_ = is_dead();
            if (close_said_ || stopping_ || dead_ || revoked_) {
                more = More::end;
                if (revoked_ && !is_websocket()) {
                    source_->append_end(out, "unauthorized");
                } else if (kind_ == StreamKind::poll) {
                    source_->append_end(out, "unavailable");  // half an array is no answer
                }
            } else {
                more = source_->pull(out, limits_.max_event_bytes);
            }
        }
    } catch (const std::exception& e) {
        failed_ = true;
        more = More::end;
        log_event(LogLevel::error, "a stream of events failed", {{"why", e.what()}});
    }
    if (failed_) metrics_.handler_exceptions.fetch_add(1, std::memory_order_relaxed);
    if (more == More::end && is_websocket()) {
        if (failed_) {
            close_websocket(out, CloseCode::internal, "the server failed");
        } else if (revoked_) {
            close_websocket(out, CloseCode::policy, "the credentials do not hold any more");
        } else if (stopping_) {
            close_websocket(out, CloseCode::going_away, "the server stops");
        } else {
            close_websocket(out, CloseCode::normal, "");
        }
    }
    if (more == More::wait) add_heartbeat(out);
    return more;
}

void EventStream::read_frames(std::string& out) {
    if (connection_.take_watched()) heard_ = std::chrono::steady_clock::now();
    while (!close_heard_ && !connection_.input().empty()) {
        FrameReader::Step step = frames_.feed(connection_.input());
        connection_.take(step.used);
        switch (step.kind) {
            case FrameReader::Step::need_more:
                return;
            case FrameReader::Step::message:
                metrics_.websocket_messages.fetch_add(1, std::memory_order_relaxed);
                source_->receive(std::move(step.payload));
                break;
            case FrameReader::Step::ping:
                append_frame(out, Opcode::pong, step.payload);
                break;
            case FrameReader::Step::pong:
                break;
            case FrameReader::Step::close:
                close_heard_ = true;
                close_websocket(out, step.code, "");
                break;
            case FrameReader::Step::fault:
                metrics_.websocket_faults.fetch_add(1, std::memory_order_relaxed);
                if (step.code == CloseCode::too_large) metrics_.limit_hit("max_message");
                close_heard_ = true;
                close_websocket(out, step.code, step.payload);
                break;
        }
    }
}

void EventStream::close_websocket(std::string& out, CloseCode code, std::string_view reason) {
    if (close_said_) return;
    close_said_ = true;
    append_close_frame(out, code, reason);
}

// Our close frame is sent. The connection ends once the client's has come, or when it does not come.
asio::awaitable<EventStream::End> EventStream::say_goodbye() {
    const Deadline deadline = after(std::min(kCloseWait, limits_.linger));
    while (!close_heard_) {
        connection_.take_watched();
        FrameReader::Step step = frames_.feed(connection_.input());
        connection_.take(step.used);
        close_heard_ = step.kind == FrameReader::Step::close || step.kind == FrameReader::Step::fault;
        if (step.kind != FrameReader::Step::need_more) continue;
        if (connection_.gone()->load()) break;
        const Io io = co_await connection_.wait(deadline);
        if (io != Io::ok) break;
        if (std::chrono::steady_clock::now() >= deadline) break;
    }
    co_return close_heard_ ? End::close : End::broken;
}

void EventStream::add_heartbeat(std::string& out) {
    const Deadline now = std::chrono::steady_clock::now();
    if (now < heartbeat_time()) return;
    if (head_waits_) {
        said_ = now;  // nothing can be said before the head; the next look is a heartbeat away all the same
    } else if (!is_websocket()) {
        if (out.empty()) out += source_->heartbeat();
    } else if (pinged_ < heard_) {
        append_frame(out, Opcode::ping, "");
        pings_ = true;
    }
}

// The client's own silence is what tells that a WebSocket is dead: we may be sending all the time.
Deadline EventStream::heartbeat_time() const {
    if (!is_websocket()) return said_ + limits_.heartbeat;
    return std::max(heard_, pinged_) + limits_.heartbeat;
}

bool EventStream::is_dead() const {
    return is_websocket() && pinged_ >= heard_ && std::chrono::steady_clock::now() >= heartbeat_time();
}

}  // namespace nmstore::server
