#include "server/agent_port.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <queue>
#include <span>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "ingest/agent_messages.h"
#include "nmstore/day_row.h"
#include "server/agent_socket.h"
#include "server/log.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::chrono::milliseconds kRetryPause{500};  // while the store takes nothing
constexpr std::chrono::milliseconds kIdleLook{1000};
constexpr std::chrono::milliseconds kAcceptPause{100};  // when the system gives no more sockets

struct Agent {
    Agent(AgentHandle handle, std::string name, std::size_t max_message)
        : socket(std::move(handle)), peer(std::move(name)), reader(max_message) {}
    AgentHandle socket;
    std::string peer;
    ingest::AgentMessageReader reader;
    std::chrono::steady_clock::time_point heard = std::chrono::steady_clock::now();
    bool told = false;  // of a message that is none
    bool ended = false;
};

using Messages = std::vector<ingest::AgentMessage>;
// Row and column of the index, and when.
using Places = std::map<std::pair<std::string, std::string>, std::int64_t>;

class PollingPort : public AgentPort {
  public:
    PollingPort(const AgentPortLimits& limits, Store& store, Metrics& metrics, ConnectionCounters& counters,
                std::function<Result<void>()> may_write)
        : limits_(limits),
          store_(store),
          metrics_(metrics),
          counters_(counters),
          may_write_(std::move(may_write)) {}

    ~PollingPort() override {
        stopping_.store(true);
        const std::uint64_t one = 1;
        if (thread_.joinable()) {
            static_cast<void>(!write(wake_.get(), &one, sizeof one));
            thread_.join();
        }
    }

    Result<void> open(const ListenAddress& address) {
        NM_ASSIGN(door_, listen_for_agents(address));
        wake_ = AgentHandle(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
        if (wake_.get() < 0) return Error{Code::unavailable, "no more files can be opened"};
        address_ = address;
        address_.port = port_of(door_);
        thread_ = std::thread([this] { run(); });
        return {};
    }

    ListenAddress address() const override { return address_; }

  private:
    void run() {
        while (!stopping_.load()) {
            wait();
            if (stopping_.load()) break;
            accept_all();
            read_and_store(limits_.max_commit);
            end_idle();
        }
        // What the system has received is as good as read: once more for each connection, until it has no
        // more.
        for (int rounds = 0; rounds < kMostLastRounds && read_and_store(limits_.max_commit); ++rounds) {
        }
        for (const auto& agent : agents_) {
            static_cast<void>(agent);
            counters_.closed();
        }
        agents_.clear();
    }

    void wait() {
        polled_.clear();
        polled_.push_back({wake_.get(), POLLIN, 0});
        // Without a socket left there is nothing to accept: a pause is better than to be told so again and
        // again.
        polled_.push_back({no_sockets_ ? -1 : door_.get(), POLLIN, 0});
        for (const auto& agent : agents_) polled_.push_back({agent->socket.get(), POLLIN, 0});
        const auto pause = no_sockets_ ? kAcceptPause : kIdleLook;
        no_sockets_ = false;
        poll(polled_.data(), polled_.size(), static_cast<int>(pause.count()));
    }

    void accept_all() {
        for (;;) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            AgentHandle socket(accept4(door_.get(), reinterpret_cast<sockaddr*>(&from), &size,
                                       SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (socket.get() < 0) {
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                    no_sockets_ = true;
                    metrics_.limit_hit("open_files");
                }
                if (errno == EINTR || errno == ECONNABORTED) continue;
                return;
            }
            if (agents_.size() >= limits_.max_connections) {
                metrics_.limit_hit("agent_connections");
                if (!std::exchange(full_told_, true))
                    log_event(LogLevel::warning, "agent turned away: too many are connected",
                              {{"peer", name_of(from, size)},
                               {"connections", std::to_string(limits_.max_connections)}});
                continue;
            }
            find_dead_peer(socket);
            agents_.push_back(
                std::make_unique<Agent>(std::move(socket), name_of(from, size), limits_.max_message));
            counters_.opened();
        }
    }

    // What arrived first is read first, whoever sent it: of two messages of the same key and date the later
    // one stays. Whether anything was read.
    bool read_and_store(std::size_t most) {
        struct Next {
            std::int64_t arrived_ns;
            std::size_t turn;  // of those that arrived together, or of which the system cannot tell
            Agent* agent;
            bool operator>(const Next& other) const {
                return std::tie(arrived_ns, turn) > std::tie(other.arrived_ns, other.turn);
            }
        };
        std::priority_queue<Next, std::vector<Next>, std::greater<>> order;
        std::size_t turns = 0;
        const auto look = [&](Agent& agent) {
            if (const auto arrived_ns = arrival_ns(agent.socket)) order.push({*arrived_ns, ++turns, &agent});
        };
        // Where it cannot tell, another one is the first each time, so that none is kept waiting.
        if (!agents_.empty()) std::rotate(agents_.begin(), agents_.begin() + 1, agents_.end());
        for (const auto& agent : agents_) look(*agent);
        Messages messages;
        std::size_t bytes = 0;
        while (!order.empty() && bytes < most) {
            Agent& agent = *order.top().agent;
            order.pop();
            bytes += read(agent, messages);
            if (!agent.ended) look(agent);
        }
        if (!messages.empty()) store(messages);
        remove_ended();
        return bytes > 0;
    }

    std::size_t read(Agent& agent, Messages& messages) {
        char room[kReadBytes];
        const ssize_t got = recv(agent.socket.get(), room, sizeof room, 0);
        if (got < 0) {
            agent.ended = errno != EAGAIN && errno != EINTR;
            return 0;
        }
        if (got == 0) {
            agent.ended = true;
            return 0;
        }
        agent.heard = std::chrono::steady_clock::now();
        const std::uint64_t malformed = agent.reader.malformed();
        const std::uint64_t too_large = agent.reader.too_large();
        agent.reader.feed({room, static_cast<std::size_t>(got)}, messages);
        if (agent.reader.malformed() > malformed) {
            metrics_.count("agent_messages_malformed", agent.reader.malformed() - malformed);
        }
        for (std::uint64_t n = too_large; n < agent.reader.too_large(); ++n)
            metrics_.limit_hit("agent_message");
        if (!agent.told && !agent.reader.last_fault().empty()) {
            agent.told = true;
            log_event(LogLevel::warning, "agent's message left out",
                      {{"peer", agent.peer}, {"why", agent.reader.last_fault()}});
        }
        return static_cast<std::size_t>(got);
    }

    // Returns when each of them is stored or set aside, or when it stops and the store takes nothing. What is
    // written is never written again: whoever follows it would be told of it again.
    void store(const Messages& messages) {
        waiting_told_ = false;
        const std::span<const ingest::AgentMessage> all(messages);
        Places places;
        const auto write = [&](std::span<const ingest::AgentMessage> some) {
            return until_written([&] { return commit(some, places); });
        };
        Result<void> written = write(all);
        std::size_t left = written.ok() ? 0 : all.size();
        if (!written.ok() && lasts(written.error())) {
            // One of them may spoil it for all.
            left = 0;
            for (std::size_t i = 0; i < all.size(); ++i) {
                const Result<void> one = write(all.subspan(i, 1));
                if (one.ok()) continue;
                written = one;
                left += lasts(one.error()) ? 1 : all.size() - i;
                if (!lasts(one.error())) break;
            }
        }
        metrics_.count("agent_messages", all.size() - left);
        if (left > 0) {
            metrics_.count("agent_messages_lost", left);
            log_event(LogLevel::error, "agents' messages lost",
                      {{"messages", std::to_string(left)}, {"why", written.error().message}});
        }
        if (places.empty()) return;
        const Result<void> noted = until_written([&] { return commit(places); });
        if (!noted.ok())
            log_event(LogLevel::error, "agents not noted in the index", {{"why", noted.error().message}});
    }

    // Whether it would be the same however often it is tried.
    static bool lasts(const Error& error) {
        return error.code == Code::invalid_argument || error.code == Code::not_found ||
               error.code == Code::conflict || error.code == Code::too_large ||
               error.code == Code::corruption || error.code == Code::unsupported;
    }

    // Tries until it succeeds or fails with what lasts; unavailable: it stops, and the store takes nothing.
    Result<void> until_written(const std::function<Result<void>()>& write) {
        for (;;) {
            const Result<void> may = may_write_();
            const Result<void> written = may.ok() ? write() : may;
            if (written.ok() || (may.ok() && lasts(written.error()))) return written;
            if (!std::exchange(waiting_told_, true))
                log_event(LogLevel::error, "agents' messages not stored yet",
                          {{"why", written.error().message}});
            if (stopping_.load()) return Error{Code::unavailable, written.error().message};
            pollfd one{wake_.get(), POLLIN, 0};
            poll(&one, 1, static_cast<int>(kRetryPause.count()));
        }
    }

    // What is to be noted of them is added to `places` once they are written.
    Result<void> commit(std::span<const ingest::AgentMessage> messages, Places& places) {
        Places seen;
        const auto note = [&seen](std::string row, const std::string& column, std::int64_t date) {
            if (!column.empty()) add(seen, {std::move(row), column}, date);
        };
        NM_ASSIGN(const std::unique_ptr<CellBatch> cells, store_.begin_cells(kTimeFamily, true));
        cells->tell_values(true);
        std::size_t accepted = 0;
        for (const ingest::AgentMessage& message : messages) {
            NM_ASSIGN(const bool put,
                      put_cell(*cells, message.key, std::to_string(message.date_ms), message.data));
            if (!put) continue;
            ++accepted;
            if (message.origin.empty()) continue;
            note("clients", message.origin, message.date_ms);
            const auto day = parse_day_row(message.key);
            if (day && day->kind == RowKind::logs)
                note(message.origin + ":logs", message.name, message.date_ms);
            if (day && day->kind == RowKind::plugins)
                note(message.origin + ":plugins", message.name, message.date_ms);
        }
        if (accepted > 0) NM_TRY(cells->commit());
        if (accepted < messages.size()) metrics_.count("cells_rejected", messages.size() - accepted);
        for (const auto& [place, date] : seen) add(places, place, date);
        return {};
    }

    Result<void> commit(const Places& places) {
        NM_ASSIGN(const std::unique_ptr<CellBatch> index, store_.begin_cells(kIndexFamily));
        for (const auto& [place, date] : places)
            NM_TRY(put_cell(*index, place.first, place.second, std::to_string(date)));
        NM_TRY(index->commit());
        return {};
    }

    static void add(Places& places, std::pair<std::string, std::string> place, std::int64_t date) {
        const auto [at, added] = places.try_emplace(std::move(place), date);
        if (!added) at->second = std::max(at->second, date);
    }

    // false: it is no cell of this family, and is left out.
    static Result<bool> put_cell(CellBatch& batch, std::string_view row, std::string_view column,
                                 std::string_view value) {
        const auto put = batch.put(row, column, value);
        if (put.ok()) return true;
        if (put.error().code != Code::invalid_argument && put.error().code != Code::too_large)
            return put.error();
        return false;
    }

    void end_idle() {
        const auto now = std::chrono::steady_clock::now();
        for (const auto& agent : agents_) {
            if (now - agent->heard < limits_.idle_timeout) continue;
            metrics_.limit_hit("agent_idle");
            agent->ended = true;
        }
        remove_ended();
    }

    void remove_ended() {
        const auto count = std::erase_if(agents_, [](const auto& agent) { return agent->ended; });
        for (std::size_t n = 0; n < count; ++n) counters_.closed();
        if (agents_.size() < limits_.max_connections) full_told_ = false;
    }

    static constexpr int kMostLastRounds = 1000;  // a sender that never ends does not keep it from stopping

    const AgentPortLimits limits_;
    Store& store_;
    Metrics& metrics_;
    ConnectionCounters& counters_;
    const std::function<Result<void>()> may_write_;
    ListenAddress address_;
    AgentHandle door_;
    AgentHandle wake_;
    bool no_sockets_ = false;
    bool waiting_told_ = false;
    bool full_told_ = false;  // since there was room the last time
    std::vector<std::unique_ptr<Agent>> agents_;
    std::vector<pollfd> polled_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<AgentPort>> AgentPort::start(const ListenAddress& address,
                                                    const AgentPortLimits& limits, Store& store,
                                                    Metrics& metrics, ConnectionCounters& counters,
                                                    std::function<Result<void>()> may_write) {
    auto port = std::make_unique<PollingPort>(limits, store, metrics, counters, std::move(may_write));
    NM_TRY(port->open(address));
    return std::unique_ptr<AgentPort>(std::move(port));
}

}  // namespace nmstore::server
