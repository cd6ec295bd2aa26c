// The raw port of agents, beside a store that does not take everything.
#include "server/agent_port.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

const std::string kRow = "10.0.0.1:logs:l:2011:5:22";
constexpr std::int64_t kMorning = 1'308'700'800'000;

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
}

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
    void tell(int from, int to) {
        std::string text;
        for (int i = from; i < to; ++i)
            text += R"(//START//{"name":"l","origin":"10.0.0.1","data":"x","key":")" + kRow + R"(","date":)" +
                    std::to_string(kMorning + i) + "}//END//";
        REQUIRE(send(socket_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    }

  private:
    const int socket_;
};

struct World {
    World() : counters(*store) {
        port =
            must(AgentPort::start(must(parse_listen_address("127.0.0.1:0")), {}, *store, metrics, counters));
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
