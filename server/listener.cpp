#include "server/listener.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "server/log.h"
#include "server/session.h"

namespace nmstore::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};  // when the system gives no more sockets
constexpr std::chrono::milliseconds kRefusedHandshake{1000};
constexpr std::size_t kUrgentThreads = 2;
constexpr std::size_t kUrgentQueue = 64;

// Tells the requests of this run of the server from those of the one before.
std::string run_prefix() {
    std::ostringstream text;
    text << std::hex << (std::chrono::system_clock::now().time_since_epoch().count() & 0xffffffff) << '.'
         << std::dec << getpid();
    return text.str();
}

class AsioListener : public Listener {
  public:
    AsioListener(const Options& options, const Service& service, WorkerPool& pool, Metrics& metrics)
        : tls_(options.tls),
          metrics_(metrics),
          transport_{service,
                     pool,
                     urgent_pool_,
                     metrics,
                     options.limits,
                     BodyMemory(options.limits.max_bodies_memory, metrics),
                     options.access_log,
                     false,
                     run_prefix(),
                     0,
                     options.connections},
          urgent_pool_(kUrgentThreads, kUrgentQueue, metrics) {}

    ~AsioListener() override {
        abandon();
        wait_drained(std::chrono::milliseconds(1000));
        io_.stop();
        if (thread_.joinable()) thread_.join();
    }

    Result<void> open(const Options& options) {
        main_ = std::make_unique<Door>(io_, tls_ != nullptr && !options.tls_address);
        NM_TRY(listen(*main_, options.address));
        if (tls_ && options.tls_address) {
            second_ = std::make_unique<Door>(io_, true);
            NM_TRY(listen(*second_, *options.tls_address));
        }
        for (Door* door : {main_.get(), second_.get()}) {
            if (door == nullptr) continue;
            ++accepting_;
            asio::co_spawn(io_, accept_loop(*door),
                           [](const std::exception_ptr& fault) { tell_fault("listener", fault); });
        }
        thread_ = std::thread([this] { io_.run(); });
        return {};
    }

    ListenAddress address() const override { return main_->address; }
    std::optional<ListenAddress> tls_address() const override {
        return second_ ? std::optional(second_->address) : std::nullopt;
    }

    void begin_drain() override {
        asio::post(io_, [this] {
            stop_accepting();
            // close_now() lets a session end later, not now, so the set stays as it is meanwhile.
            for (const auto& connection : connections_) {
                if (connection->idle) connection->close_now();
                if (connection->open_ended || connection->closing) connection->hurry(kStopPatience);
                if (connection->open_ended) connection->wake();
            }
        });
    }

    bool wait_drained(std::chrono::milliseconds patience) override {
        std::unique_lock lock(mutex_);
        return drained_.wait_for(lock, patience, [this] { return open_ == 0 && accepting_ == 0; });
    }

    void abandon() override {
        asio::post(io_, [this] {
            stop_accepting();
            for (const auto& connection : connections_) connection->close_now();
        });
    }

  private:
    struct Door {
        Door(asio::io_context& io, bool speaks_tls) : acceptor(io), tls(speaks_tls) {}
        tcp::acceptor acceptor;
        const bool tls;
        ListenAddress address;
    };

    static Result<void> listen(Door& door, const ListenAddress& address) {
        error_code error;
        const auto host = asio::ip::make_address(address.host, error);
        const tcp::endpoint endpoint(host, address.port);
        if (!error) door.acceptor.open(endpoint.protocol(), error);
        if (!error) door.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) door.acceptor.bind(endpoint, error);
        if (!error) door.acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error) {
            return Error{Code::unavailable, "cannot listen on " + address.text() + ": " + error.message()};
        }
        door.address = address;
        door.address.port = door.acceptor.local_endpoint(error).port();
        return {};
    }

    static void tell_fault(std::string_view where, const std::exception_ptr& fault) {
        if (!fault) return;
        try {
            std::rethrow_exception(fault);
        } catch (const std::exception& e) {
            log_event(LogLevel::error, "coroutine failed",
                      {{"where", std::string(where)}, {"why", e.what()}});
        } catch (...) {
            log_event(LogLevel::error, "coroutine failed", {{"where", std::string(where)}});
        }
    }

    void stop_accepting() {
        transport_.stopping = true;
        error_code ignored;
        main_->acceptor.close(ignored);
        if (second_) second_->acceptor.close(ignored);
    }

    asio::awaitable<void> accept_loop(Door& door) {
        tcp::acceptor& acceptor = door.acceptor;
        asio::steady_timer pause(io_);
        while (acceptor.is_open()) {
            error_code error;
            tcp::socket socket =
                co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (!error) {
                admit(std::move(socket), door.tls);
            } else if (acceptor.is_open() && error != asio::error::connection_aborted) {
                metrics_.limit_hit("open_files");
                log_event(LogLevel::warning, "cannot accept a connection", {{"why", error.message()}});
                pause.expires_after(kAcceptPause);
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
            }
        }
        const std::lock_guard lock(mutex_);
        --accepting_;
        drained_.notify_all();
    }

    void admit(tcp::socket socket, bool tls) {
        auto connection = std::make_shared<Connection>(std::move(socket), metrics_);
        metrics_.connections_total.fetch_add(1, std::memory_order_relaxed);
        const bool refused = connections_.size() >= transport_.limits.max_connections;
        if (refused) {
            metrics_.limit_hit("max_connections");
            if (connections_.size() >= transport_.limits.max_connections + transport_.limits.max_refusals)
                return;
        }
        connections_.insert(connection);
        count_connections();
        asio::co_spawn(io_, run(connection, tls, refused),
                       [this, connection](const std::exception_ptr& fault) {
                           tell_fault("session", fault);
                           connection->close_now();
                           connections_.erase(connection);
                           count_connections();
                       });
    }

    asio::awaitable<void> run(std::shared_ptr<Connection> connection, bool tls, bool refused) {
        if (tls) {
            const bool ready = co_await shake_hands(*connection, refused);
            if (!ready) co_return;
        }
        if (refused) {
            co_await refuse_connection(connection, transport_);
        } else {
            co_await serve_connection(connection, transport_);
        }
    }

    asio::awaitable<bool> shake_hands(Connection& connection, bool refused) {
        connection.idle = true;
        const auto time = refused ? kRefusedHandshake : transport_.limits.header_timeout;
        const Io io = co_await connection.begin_tls(tls_->get(), after(time));
        connection.idle = false;
        metrics_.tls_handshakes.fetch_add(1, std::memory_order_relaxed);
        if (io == Io::ok) co_return true;
        metrics_.tls_failures.fetch_add(1, std::memory_order_relaxed);
        if (io == Io::timeout) metrics_.limit_hit("header_timeout");
        log_event(LogLevel::debug, "TLS handshake failed", {{"peer", connection.peer()}});
        co_return false;
    }

    void count_connections() {
        metrics_.connections.store(static_cast<std::int64_t>(connections_.size()), std::memory_order_relaxed);
        const std::lock_guard lock(mutex_);
        open_ = connections_.size();
        if (open_ == 0) drained_.notify_all();
    }

    asio::io_context io_{1};
    std::unique_ptr<Door> main_;
    std::unique_ptr<Door> second_;  // that speaks TLS, beside a plain one
    const std::shared_ptr<const TlsSource> tls_;
    Metrics& metrics_;
    Transport transport_;
    std::set<std::shared_ptr<Connection>> connections_;
    std::mutex mutex_;
    std::condition_variable drained_;
    std::size_t open_ = 0;
    int accepting_ = 0;  // loops
    std::thread thread_;
    WorkerPool urgent_pool_;  // the last: what it still runs refers to the others
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::start(const Options& options, const Service& service,
                                                  WorkerPool& pool, Metrics& metrics) {
    try {
        auto listener = std::make_unique<AsioListener>(options, service, pool, metrics);
        NM_TRY(listener->open(options));
        return std::unique_ptr<Listener>(std::move(listener));
    } catch (const std::exception& e) {
        return Error{Code::unavailable, std::string("cannot listen: ") + e.what()};
    }
}

}  // namespace nmstore::server
