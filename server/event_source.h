// An answer that stays open: events to the client as they come and, on a WebSocket, messages from it. No
// worker is held meanwhile: the socket's thread asks the source for the bytes that there are, writes them,
// and sleeps until the source wakes it, the client sends something, or a heartbeat is due.
//
// The source makes the bytes of its own format (lines of JSON, events of server_events.h, frames of
// websocket_frame.h); the session puts chunks around them, answers pings, finds dead clients, and closes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nmstore::server {

class EventSource {
  public:
    virtual ~EventSource() = default;

    enum class More : std::uint8_t {
        wait,  // nothing now: wake me
        now,   // there is more already: ask again once this is written
        end,   // that was all: the stream ends as it should
    };
    // The calls below are made on the thread of the socket, which all connections share: they must not block,
    // and take microseconds.

    // Appends what is to be sent next to `out`, up to about `most` bytes (one event may be more).
    virtual More pull(std::string& out, std::size_t most) = 0;
    // Sent when nothing else was for a heartbeat; never "". A WebSocket's is the session's: a ping.
    virtual std::string_view heartbeat() const { return "\n"; }
    // Appends the last that is said where the stream must end before its own end, as its reader understands
    // it: `code` as in answers with an error ("unauthorized"). Not of WebSockets, whose close frame tells it.
    virtual void append_end(std::string& out, std::string_view code) { (void)out, (void)code; }
    // A message of the client; WebSockets only. At most TransportLimits::max_message bytes.
    virtual void receive(std::string) {}
    // Whether the answer's head waits for the first bytes, and may be completed then; there are no heartbeats
    // before it.
    virtual bool delays_head() const { return false; }
    virtual void complete_head(std::vector<std::pair<std::string, std::string>>& headers) { (void)headers; }
    // When pull() is to be called even if nobody wakes the session; asked before each sleep.
    virtual std::chrono::steady_clock::time_point due() const {
        return std::chrono::steady_clock::time_point::max();
    }
    // How long after a write the next one waits, so that many events go out at once where very many read
    // them.
    virtual std::chrono::milliseconds pace() const { return std::chrono::milliseconds(0); }
    // Called once before the first pull(). `wake`: from any thread, also when the stream has ended since;
    // cheap where the session is awake anyway.
    virtual void opened(std::function<void()> wake) = 0;
    // Called once, after opened(), when the connection has ended, from whichever side. Nothing is called
    // afterwards.
    virtual void closed() = 0;
};

}  // namespace nmstore::server
