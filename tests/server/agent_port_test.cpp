// The raw port of agents, beside a store that does not take everything.
#include "server/agent_port.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/engine/open_store.h"
#include "tests/eventually.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

const std::string kRow = "10.0.0.1:logs:l:2011:5:22";
constexpr std::int64_t kMorning = 1'308'700'800'000;

class Agent {
  public:
    explicit Agent(const AgentPort& port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port.address().port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    ~Agent() { close(socket_); }
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;
    // Messages of the milliseconds from `from` on.
    void tell(int from, int to, const std::string& data = "x") {
        std::string text;
        for (int i = from; i < to; ++i)
            text += R"(//START//{"name":"l","origin":"10.0.0.1","data":")" + data + R"(","key":")" + kRow +
                    R"(","date":)" + std::to_string(kMorning + i) + "}//END//";
        REQUIRE(send(socket_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    }
    bool is_closed() {  // waits for it
        char byte = 0;
        return recv(socket_, &byte, 1, 0) <= 0;
    }

  private:
    const int socket_;
};

struct World {
    explicit World(
        AgentPortLimits limits = {}, std::function<Result<void>()> may_write = [] { return Result<void>(); })
        : counters(*store) {
        port = must(AgentPort::start(must(parse_listen_address("127.0.0.1:0")), limits, *store, metrics,
                                     counters, std::move(may_write)));
    }
    bool has(int i) {
        const auto cell = store->get(kTimeFamily, kRow, std::to_string(kMorning + i));
        return cell.ok() && cell->has_value();
    }
    std::size_t told() {
        std::size_t count = 0;
        for (const Change& change : must(store->read_changes(0, SIZE_MAX))) count += change.values.size();
        return count;
    }
    bool counted(const std::string& line) {
        return metrics.text(store->stats()).find(line + "\n") != std::string::npos;
    }

    OpenedStore store;
    Metrics metrics;
    ConnectionCounters counters;
    std::unique_ptr<AgentPort> port;
};

}  // namespace

TEST_CASE("what agents sent is stored and told once, also where the index takes nothing") {
    World world;
    must(world.store->drop_family(kIndexFamily));
    Agent agent(*world.port);
    agent.tell(0, 1);
    REQUIRE(eventually([&] { return world.has(0); }));
    // The next ones are not kept waiting.
    agent.tell(1, 5);
    REQUIRE(eventually([&] { return world.has(4); }));
    world.port.reset();
    CHECK(world.told() == 5);
    CHECK(must(world.store->counter(kRow, "logs")) == 5);
}

TEST_CASE("what agents sent and the store can never take is lost, counted, and keeps nothing else waiting") {
    World world;
    must(world.store->drop_family(kTimeFamily));
    Agent agent(*world.port);
    agent.tell(0, 3);
    REQUIRE(eventually([&] { return world.counted("nmstore_agent_messages_lost_total 3"); }));
    must(world.store->create_family(kTimeFamily, ValueType::long_));
    agent.tell(3, 4);
    REQUIRE(eventually([&] { return world.has(3); }));
    CHECK_FALSE(world.has(2));
    CHECK(eventually([&] { return world.counted("nmstore_agent_messages_total 1"); }));
}

TEST_CASE("of two messages of one key and date the one that arrived later stays, whoever sent it") {
    std::atomic<bool> open{true};
    std::atomic<int> refused{0};
    World world({}, [&]() -> Result<void> {
        if (open) return {};
        ++refused;
        return Error{Code::unavailable, "closed by the test"};
    });
    std::vector<std::unique_ptr<Agent>> agents;
    for (int i = 0; i < 4; ++i) agents.push_back(std::make_unique<Agent>(*world.port));
    for (int round = 0; round < 4; ++round) {
        INFO("the last one to send is agent " << round);
        // All of them wait in the system until the port reads again.
        open = false;
        refused = 0;
        agents[0]->tell(100 + round, 101 + round);
        REQUIRE(eventually([&] { return refused > 0; }));
        for (int i = 1; i <= 4; ++i) agents[(round + i) % 4]->tell(round, round + 1, std::to_string(i));
        open = true;
        REQUIRE(eventually([&] { return world.has(round); }));
        const auto cell = must(world.store->get(kTimeFamily, kRow, std::to_string(kMorning + round)));
        CHECK(cell->value == "4");
    }
}

TEST_CASE("agents beyond the most that may be connected are closed, and counted") {
    AgentPortLimits limits;
    limits.max_connections = 2;
    World world(limits);
    Agent first(*world.port), second(*world.port);
    first.tell(0, 1);
    second.tell(1, 2);
    REQUIRE(eventually([&] { return world.has(0) && world.has(1); }));
    Agent third(*world.port);
    CHECK(third.is_closed());
    CHECK(world.metrics.limit_hits("agent_connections") == 1);
    first.tell(2, 3);
    CHECK(eventually([&] { return world.has(2); }));
}
