// The listener as a whole: how many may come, and how it ends.
#include "server/listener.h"

#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

TEST_CASE("an address that is taken is told", "[listener]") {
    TestServer server(echo_routes());
    const auto second = Listener::start({{"127.0.0.1", server.port(), true}, {}, false}, server.service,
                                        server.pool, server.metrics);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == nmstore::Code::unavailable);
    CHECK(second.error().message.find("127.0.0.1:" + std::to_string(server.port())) != std::string::npos);
}

TEST_CASE("connections over the limit are told to come back", "[listener]") {
    TransportLimits limits;
    limits.max_connections = 2;
    TestServer server(echo_routes(), limits);
    Client first(server.port());
    CHECK(first.ask(get("/get")).status == 200);
    {
        Client second(server.port());
        CHECK(second.ask(get("/get")).status == 200);
        Client third(server.port());
        const auto answer = third.read_answer();
        CHECK(answer.status == 503);
        CHECK(third.at_end());
        CHECK(server.metrics.limit_hits("max_connections") == 1);
    }
    CHECK(eventually([&] { return server.metrics.connections == 1; }));
    Client again(server.port());
    CHECK(again.ask(get("/get")).status == 200);
}

TEST_CASE("a drain ends idle connections, and lets running requests finish", "[listener]") {
    Gate gate;
    TestServer server({{Method::get, "/slow", role_read, [&](Request&) {
                            gate.pass();
                            return Response{200, "text/plain", {}, "done", {}};
                        }}});
    Client idle(server.port());
    Client busy(server.port());
    busy.send(get("/slow"));
    REQUIRE(eventually([&] { return gate.arrived() == 1 && server.metrics.connections == 2; }));
    server.listener->begin_drain();
    CHECK(idle.at_end());
    CHECK_FALSE(server.listener->wait_drained(0ms));
    gate.open();
    const auto answer = busy.read_answer();
    CHECK(answer.body == "done");
    CHECK(answer.head.find("Connection: close") != std::string::npos);
    busy.close();
    CHECK(server.listener->wait_drained(kPatience));
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0);
    close(probe);
}

TEST_CASE("what does not end in time is cut off, and its handler is told", "[listener]") {
    std::atomic<bool> noticed{false};
    std::atomic<bool> running{false};
    TestServer server({{Method::get, "/endless", role_read, [&](Request& request) {
                            running = true;
                            noticed = eventually(request.gone);
                            return Response{};
                        }}});
    Client client(server.port());
    client.send(get("/endless"));
    REQUIRE(eventually([&] { return running.load(); }));
    server.listener->begin_drain();
    CHECK_FALSE(server.listener->wait_drained(10ms));
    server.listener->abandon();
    CHECK(client.at_end());
    CHECK(server.pool.close(kPatience));
    CHECK(noticed);
    CHECK(server.listener->wait_drained(kPatience));
}
