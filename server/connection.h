// One accepted socket, plain or with TLS: bytes in, bytes out, each with a deadline, and an eye on the client
// while a handler runs. Private to connection.cpp, session.cpp and listener.cpp: it shows Asio.
//
// Threads: everything is called on the thread of the io_context, wake() excepted.
// At any time at most one coroutine reads and one writes.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "server/metrics.h"
#include "server/tls_source.h"

namespace nmstore::server {

enum class Io : std::uint8_t {
    ok,
    eof,      // the client sends no more
    timeout,  // the deadline passed first
    failed,   // reset, or closed by us
};

using Deadline = std::chrono::steady_clock::time_point;
inline Deadline after(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

// What a client may take to read the end of its stream, and to close, once the server stops.
inline constexpr std::chrono::milliseconds kStopPatience{1500};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(boost::asio::ip::tcp::socket socket, Metrics& metrics);
    ~Connection();

    // Before all else, and only where the client is to speak TLS: shakes hands. Unless it is Io::ok there is
    // nothing more to do than to close; a client of plain HTTP has been told.
    boost::asio::awaitable<Io> begin_tls(TlsContext context, Deadline deadline);

    const std::string& peer() const { return peer_; }

    // What was read and not yet used. take() drops bytes from its front.
    std::string_view input() const { return std::string_view(input_).substr(used_); }
    void take(std::size_t bytes);

    // Reads at least one more byte behind input().
    boost::asio::awaitable<Io> read_more(Deadline deadline);
    // Moves up to `want` bytes to the end of `body`: of input() if it has any, else from the socket, straight
    // to their place. At least one on Io::ok.
    boost::asio::awaitable<Io> read_into(std::string& body, std::size_t want, Deadline deadline);
    // Writes all of both. Some byte must be taken by the client in every `patience`.
    boost::asio::awaitable<Io> write(std::string_view first, std::string_view second,
                                     std::chrono::milliseconds patience);

    // While nobody reads: notices that the client goes away, and sets gone(). What the client sends meanwhile
    // is kept for the next read_more(), up to a bound, beyond which its going is noticed only when we write.
    void watch();
    std::shared_ptr<std::atomic<bool>> gone() const { return gone_; }
    // Moves what watch() has kept to the end of input(), and lets it go on. false: there was nothing.
    bool take_watched();
    // Gives back the memory of buffers that hold nothing: for a connection that may be silent for long.
    void release_room();
    // For answers that stay open: a client that cannot be reached any more is found by the system, within
    // about `patience`, and little of what is not sent yet waits in the system.
    void find_dead_peer(std::chrono::milliseconds patience);

    // Waits until somebody has called wake() since the last return of wait(), or the deadline.
    boost::asio::awaitable<Io> wait(Deadline deadline);
    void wake();  // any thread

    // From now on no operation, also of those under way, waits for the client longer than this.
    void hurry(std::chrono::milliseconds patience);
    // Ends sending, then reads and drops what still comes, for a time: to close while the client is sending
    // would take our answer away from it.
    boost::asio::awaitable<void> close_gently(std::chrono::milliseconds patience);
    // Ends every operation with Io::failed, sets gone().
    void close_now();

    // Whether it may be closed at once when the server stops: set while it waits for a request that has not
    // begun.
    bool idle = false;
    // Whether it is to be woken when the server stops: an answer stays open, and must end.
    bool open_ended = false;
    // Whether all was said, and it waits for the client to close.
    bool closing = false;

  private:
    struct Tls;
    boost::asio::awaitable<std::size_t> write_tls(std::string_view first, std::string_view second,
                                                  boost::system::error_code& error);
    boost::asio::awaitable<void> end_tls(Deadline deadline);
    void set_deadline(Deadline deadline);
    void clear_deadline() { deadline_ = Deadline::max(); }
    void run_timer(Deadline at);
    void begin_watch();
    Io outcome(const boost::system::error_code& error);

    static constexpr std::size_t kReadBytes = 16 * 1024;
    static constexpr std::size_t kWatchBytes = 512;  // at first; more for clients that send much
    static constexpr std::size_t kMostWatchBytes = 16 * 1024;
    static constexpr std::size_t kMaxWatchedBytes = 64 * 1024;
    static constexpr std::size_t kBodyReadBytes = 256 * 1024;

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<Tls> tls_;         // over socket_; none: plain
    boost::asio::steady_timer timer_;  // runs lazily: moves on by itself when the deadline has moved
    boost::asio::steady_timer event_;  // never expires; cancelled to wake
    Metrics& metrics_;
    std::string peer_;
    std::string input_;
    std::size_t used_ = 0;
    std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);

    Deadline deadline_ = Deadline::max();
    Deadline latest_ = Deadline::max();  // of all deadlines
    Deadline timer_at_ = Deadline::max();
    bool timer_runs_ = false;
    bool expired_ = false;
    bool only_waits_ = false;  // the deadline is wait()'s: a read of watch() goes on behind it

    // A read that watch() began goes on when somebody reads again, and is then what read_more() waits for.
    std::string watch_room_;
    std::string watched_;
    bool watching_ = false;      // a read into watch_room_ is under way
    bool watch_wanted_ = false;  // another one is to follow it
    Io watch_end_ = Io::ok;      // once not ok: no more can be read
    bool woken_ = false;
    bool closed_ = false;
};

}  // namespace nmstore::server
