#include "server/open_connections.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using namespace nmstore::server;
using testing::Hub;
using Json = nlohmann::json;

namespace {

Request asked(const std::string& token, const std::string& agent) {
    Request request;
    request.principal.token = token;
    request.headers.emplace_back("user-agent", agent);
    return request;
}

}  // namespace

TEST_CASE("connections: who is connected, what they follow, and when they asked last") {
    Hub hub;
    OpenConnections open(hub.clock);
    hub.context.connections = &open;
    const auto told = [&] { return Json::parse(hub.get("/api/v1/connections").body)["connections"]; };
    CHECK(told().empty());

    hub.clock.now = 1000;
    OpenConnections::Entry silent(open, "10.0.0.9:1");  // has not asked yet
    OpenConnections::Entry page(open, "10.0.0.2:50001");
    hub.clock.now = 2000;
    page.asks(asked("reader", "Mozilla/5.0 \xff"), "/api/v1/stats");
    {
        OpenConnections::Entry stream(open, "10.0.0.2:50002");
        stream.asks(asked("reader", "Mozilla/5.0 \xff"), "/api/v1/tail");
        stream.follows();
        OpenConnections::Entry agent(open, "[::1]:7");
        hub.clock.now = 3000;
        agent.asks(asked("", ""), "/v0.3/DATA/{cf}");
        CHECK(told() == Json{{{"address", "10.0.0.2"},
                              {"token", "reader"},
                              {"agent", "Mozilla/5.0 ?"},
                              {"connections", 2},
                              {"since", 1000},
                              {"asked", 2000},
                              {"following", {"/api/v1/tail"}}},
                             {{"address", "[::1]"},
                              {"token", nullptr},
                              {"agent", nullptr},
                              {"connections", 1},
                              {"since", 2000},
                              {"asked", 3000},
                              {"following", Json::array()}}});
        stream.asks(asked("reader", std::string(1000, 'x')), "/api/v1/stats");
        const auto listed = open.list();
        CHECK(!listed[1].following);
        CHECK(listed[1].agent.size() == OpenConnections::kMaxAgentBytes);
    }
    CHECK(told().size() == 1);
    CHECK(told()[0]["connections"] == 1);
}

TEST_CASE("connections: only an admin is told") {
    Hub hub;
    OpenConnections open(hub.clock);
    hub.context.connections = &open;
    const std::vector<Route> routes = api_routes(hub.context);
    const auto route = std::find_if(routes.begin(), routes.end(),
                                    [](const Route& each) { return each.pattern == "/api/v1/connections"; });
    REQUIRE(route != routes.end());
    CHECK(route->role == role_admin);
    CHECK(hub.get("/api/v1/connections").status == 200);
    CHECK(hub.get("/api/v1/connections?limit=1").status == 400);
    hub.context.connections = nullptr;
    CHECK(hub.get("/api/v1/connections").status == 503);
}
