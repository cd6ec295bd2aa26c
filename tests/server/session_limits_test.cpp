// Every limit of the transport is hit once, and counted.
#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

namespace {

// Knows nobody again: each request's credentials are checked on a worker.
class CheckedSlowly : public OpenToAll {
  public:
    bool empty() const override { return false; }
    std::optional<Principal> recall(std::string_view) const override { return std::nullopt; }
};

}  // namespace

TEST_CASE("a body over the limit is refused before it is read", "[session]") {
    TransportLimits limits;
    limits.max_body = 1000;
    TestServer server(echo_routes(), limits);
    Client exact(server.port());
    CHECK(exact.ask(post("/echo", std::string(1000, 'x'))).status == 200);
    const auto declared = exact.ask("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n");
    CHECK(declared.status == 413);
    CHECK(declared.body.find("1001 bytes is over the limit of 1000 bytes (max-body)") != std::string::npos);
    CHECK(exact.at_end());
    Client chunked(server.port());
    CHECK(
        chunked
            .ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x'))
            .status == 413);
    CHECK(server.metrics.limit_hits("max_body") == 2);
}

TEST_CASE("a client that sends all of a refused body still gets the answer", "[session]") {
    TransportLimits limits;
    limits.max_body = 1000;
    TestServer server(echo_routes(), limits);
    Client client(server.port());
    CHECK(client.send(post("/echo", std::string(20000000, 'x'))));
    CHECK(client.read_answer().status == 413);
    client.end_sending();
    CHECK(client.at_end());
}

TEST_CASE("slow headers are cut off", "[session]") {
    TransportLimits limits;
    limits.header_timeout = 50ms;
    TestServer server(echo_routes(), limits);
    Client client(server.port());
    client.send("GET /get HTTP/1.1\r\nX: ");
    CHECK(client.read_answer().status == 408);
    CHECK(client.at_end());
    CHECK(server.metrics.limit_hits("header_timeout") == 1);
}

TEST_CASE("an idle connection is closed without a word", "[session]") {
    TransportLimits limits;
    limits.idle_timeout = 50ms;
    TestServer server(echo_routes(), limits);
    Client fresh(server.port());
    CHECK(fresh.at_end());
    Client used(server.port());
    CHECK(used.ask(get("/get")).status == 200);
    CHECK(used.at_end());
    CHECK(server.metrics.limit_hits("header_timeout") == 0);
}

TEST_CASE("a body that stalls or trickles is cut off", "[session]") {
    TransportLimits limits;
    SECTION("it stalls") {
        limits.body_idle_timeout = 50ms;
    }
    SECTION("it trickles") {
        limits.body_grace = 50ms;
        limits.min_body_bytes_per_second = 1000000000;
    }
    TestServer server(echo_routes(), limits);
    for (const char* form :
         {"Content-Length: 1000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n100\r\nabc"}) {
        Client client(server.port());
        client.send("POST /echo HTTP/1.1\r\n" + std::string(form));
        CHECK(client.read_answer().status == 408);
        CHECK(client.at_end());
    }
    CHECK(server.metrics.limit_hits("body_rate") == 2);
}

TEST_CASE("bodies wait for room in memory, and are refused when there is none in time", "[session]") {
    Gate gate;
    TransportLimits limits;
    limits.max_body = 1000;
    limits.max_bodies_memory = 1500;
    limits.body_memory_wait = GENERATE(50ms, 20000ms);
    TestServer server({{Method::post, "/hold", role_ingest,
                        [&](Request& request) {
                            gate.pass();
                            return Response{200, "text/plain", {}, std::to_string(request.body.size()), {}};
                        }}},
                      limits);
    Client first(server.port());
    first.send(post("/hold", std::string(1000, 'a')));
    REQUIRE(eventually([&] { return gate.arrived() == 1; }));
    Client second(server.port());
    second.send(post("/hold", std::string(1000, 'b')));
    if (limits.body_memory_wait == 50ms) {
        CHECK(second.read_answer().status == 503);
        CHECK(server.metrics.limit_hits("max_bodies_memory") == 1);
        gate.open();
    } else {
        REQUIRE(eventually([&] { return server.metrics.requests_in_flight == 2; }));
        gate.open();
        CHECK(second.read_answer().body == "1000");
    }
    CHECK(first.read_answer().body == "1000");
    CHECK(eventually([&] { return server.metrics.bodies_memory_bytes == 0; }));
}

TEST_CASE("requests beyond workers and queue are told to come back", "[session]") {
    Gate gate;
    TestServer server({{Method::get, "/hold", role_read,
                        [&](Request&) {
                            gate.pass();
                            return Response{};
                        }}},
                      {}, 1, 1);
    Client running(server.port());
    running.send(get("/hold"));
    REQUIRE(eventually([&] { return gate.arrived() == 1; }));
    Client queued(server.port());
    queued.send(get("/hold"));
    REQUIRE(eventually([&] { return server.metrics.queue_length == 1; }));
    Client refused(server.port());
    CHECK(refused.ask(get("/hold")).status == 503);
    CHECK(server.metrics.limit_hits("queue") == 1);
    gate.open();
    CHECK(running.read_answer().status == 200);
    CHECK(queued.read_answer().status == 200);
    CHECK(refused.ask(get("/hold")).status == 200);  // its connection stayed
}

TEST_CASE("urgent routes are answered while all workers are busy and the queue is full", "[session]") {
    Gate gate;
    Route urgent{Method::get, "/urgent", role_read, [](Request&) { return Response{}; }};
    urgent.urgent = true;
    const Route hold{Method::get, "/hold", role_read, [&](Request&) {
                         gate.pass();
                         return Response{};
                     }};
    TestServer server({hold, urgent}, {}, 1, 1, std::make_shared<CheckedSlowly>());
    Client running(server.port());
    running.send(get("/hold"));
    REQUIRE(eventually([&] { return gate.arrived() == 1; }));
    Client queued(server.port());
    queued.send(get("/hold"));
    REQUIRE(eventually([&] { return server.metrics.queue_length == 1; }));
    Client watching(server.port());
    CHECK(watching.ask(get("/urgent")).status == 200);
    gate.open();
    CHECK(running.read_answer().status == 200);
    CHECK(queued.read_answer().status == 200);
}

TEST_CASE("a client that takes nothing of its answer is dropped", "[session]") {
    TransportLimits limits;
    limits.write_timeout = 50ms;
    std::atomic<bool> failed{false};
    TestServer server({{Method::get, "/large", role_read,
                        [](Request&) {
                            return Response{200, "text/plain", {}, std::string(50000000, 'x'), {}};
                        }},
                       {Method::get, "/stream", role_read,
                        [&](Request&) {
                            Response response;
                            response.stream = [&](BodyWriter& writer) {
                                while (writer.write(std::string(100000, 'x'))) {
                                }
                                failed = true;
                            };
                            return response;
                        }}},
                      limits);
    for (const char* path : {"/large", "/stream"}) {
        const auto hits = server.metrics.limit_hits("write_timeout");
        Client client(server.port());
        client.send(get(path));
        CHECK(eventually([&] { return server.metrics.limit_hits("write_timeout") > hits; }));
        CHECK(eventually([&] { return server.metrics.connections == 0; }));
    }
    CHECK(failed);
    CHECK(server.metrics.limit_hits("write_timeout") == 2);
}
