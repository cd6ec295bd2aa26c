// The answer that stays open, on the thread of its socket: from its head to its end, an EventSource's bytes
// go to the client, in chunks or as they are, and what a WebSocket's client sends goes to the source. Private
// to event_stream.cpp and session.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "server/connection.h"
#include "server/credentials.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/transport_limits.h"
#include "server/websocket_frame.h"

namespace nmstore::server {

class StreamWaker;

class EventStream {
  public:
    enum class End : std::uint8_t {
        complete,  // all was said: chunks may be followed by another request
        close,     // a WebSocket that has ended as it should, on our side: close gently
        broken,    // the client is gone, or does not read
    };

    // `stopping` turns true when the server stops; the connection is woken then, and hurried. Where `access`
    // holds no more, nothing more is told: seen with what comes next, or at the next heartbeat. All must
    // outlive it.
    EventStream(Connection& connection, const TransportLimits& limits, Metrics& metrics, Access access,
                const bool& stopping);
    // A source that was opened is closed, however this ends.
    ~EventStream();
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    // Once. Writes the head, then what response.events gives, until it ends; the source is let go of then.
    // Behind 101 a WebSocket is spoken; else chunks, or to readers of HTTP/1.0 the bytes as they are until
    // the connection ends. To HEAD only the head, and the source is never opened.
    boost::asio::awaitable<End> run(Response response, Method method, bool old_reader, bool keep_alive);

  private:
    boost::asio::awaitable<End> say_goodbye();
    void open(std::shared_ptr<EventSource> source);
    void close();
    EventSource::More round(std::string& out);
    void read_frames(std::string& out);
    void close_websocket(std::string& out, CloseCode code, std::string_view reason);
    void add_heartbeat(std::string& out);
    bool is_dead() const;
    Deadline heartbeat_time() const;
    bool is_websocket() const { return kind_ == StreamKind::websocket; }

    Connection& connection_;
    const TransportLimits& limits_;
    Metrics& metrics_;
    Access access_;
    const bool& stopping_;
    std::shared_ptr<EventSource> source_;
    std::shared_ptr<StreamWaker> waker_;
    StreamKind kind_ = StreamKind::poll;
    FrameReader frames_;
    Deadline said_;                      // when something was written last, or need not be
    Deadline heard_;                     // a WebSocket: when something came last
    Deadline pinged_ = Deadline::min();  // when a ping was written; before heard_: nothing is due
    bool pings_ = false;                 // what is to be written next has a ping
    bool head_waits_ = false;            // for the first bytes of the source
    bool dead_ = false;
    bool revoked_ = false;      // what the client came in with
    bool close_said_ = false;   // our close frame is on its way
    bool close_heard_ = false;  // the client's close, or a fault of it, after which nothing is read
    bool failed_ = false;       // the source threw
};

}  // namespace nmstore::server
