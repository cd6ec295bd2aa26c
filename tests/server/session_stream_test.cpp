// Streamed answers, and handlers that hear of their client's going.
#include <atomic>

#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

namespace {

Response counting(int count) {
    Response response;
    response.content_type = "application/x-ndjson";
    response.stream = [count](BodyWriter& writer) {
        for (int i = 0; i < count; ++i) {
            if (!writer.write(std::to_string(i) + "\n")) return;
        }
    };
    return response;
}

std::string numbers(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::to_string(i) + "\n";
    return text;
}

// The content of a chunked body, which must be whole.
std::string dechunk(Client& client) {
    std::string content;
    while (true) {
        const std::size_t size = std::strtoul(client.read_until("\r\n").c_str(), nullptr, 16);
        content += client.read_bytes(size);
        REQUIRE(client.read_bytes(2) == "\r\n");
        if (size == 0) return content;
    }
}

}  // namespace

TEST_CASE("a stream is chunked, and the connection goes on behind it", "[stream]") {
    TestServer server({{Method::get, "/count", role_read, [](Request&) { return counting(200000); }},
                       {Method::get, "/none", role_read, [](Request&) { return counting(0); }}});
    Client client(server.port());
    for (int i = 0; i < 2; ++i) {
        client.send(get("/count"));
        CHECK(client.read_answer(false).head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        CHECK((dechunk(client) == numbers(200000)));
        client.send(get("/none"));
        client.read_answer(false);
        CHECK(dechunk(client).empty());
    }
    client.send("HEAD /count HTTP/1.1\r\n\r\n");
    CHECK(client.read_answer(false).status == 200);
    client.send(get("/none"));
    CHECK(client.read_answer(false).status == 200);
}

TEST_CASE("a reader of HTTP/1.0 gets a stream until the connection ends", "[stream]") {
    TestServer server({{Method::get, "/count", role_read, [](Request&) { return counting(1000); }}});
    Client client(server.port());
    client.send("GET /count HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = client.read_answer(false);
    CHECK(answer.head.find("Transfer-Encoding") == std::string::npos);
    CHECK(answer.head.find("Connection: close") != std::string::npos);
    CHECK(client.read_all() == numbers(1000));
}

TEST_CASE("what is written is sent at once, not when the stream ends", "[stream]") {
    Gate gate;
    TestServer server({{Method::get, "/two", role_read, [&](Request&) {
                            Response response;
                            response.stream = [&](BodyWriter& writer) {
                                writer.write("first");
                                gate.pass();
                                writer.write("second");
                            };
                            return response;
                        }}});
    Client client(server.port());
    client.send(get("/two"));
    client.read_answer(false);
    CHECK(client.read_until("first") == "5\r\nfirst");
    gate.open();
    CHECK(client.read_until("0\r\n\r\n") == "\r\n6\r\nsecond\r\n0\r\n\r\n");
}

TEST_CASE("a stream whose handler fails ends without its last chunk", "[stream]") {
    TestServer server({{Method::get, "/fails", role_read, [](Request&) {
                            Response response;
                            response.stream = [](BodyWriter& writer) {
                                writer.write("something");
                                throw std::runtime_error("broken");
                            };
                            return response;
                        }}});
    Client client(server.port());
    client.send(get("/fails"));
    const std::string all = client.read_all();
    CHECK(all.find("something") != std::string::npos);
    CHECK(all.find("0\r\n\r\n") == std::string::npos);
    CHECK(server.metrics.handler_exceptions == 1);
}

TEST_CASE("a stream waits for a slow reader, holding a bounded part of it", "[stream]") {
    TransportLimits limits;
    limits.max_stream_buffer = 1000;
    std::atomic<std::size_t> written{0};
    TestServer server({{Method::get, "/much", role_read,
                        [&](Request&) {
                            Response response;
                            response.stream = [&](BodyWriter& writer) {
                                const std::string piece(10000, 'x');
                                for (int i = 0; i < 5000 && writer.write(piece); ++i) written += piece.size();
                            };
                            return response;
                        }}},
                      limits);
    Client client(server.port());
    client.send(get("/much"));
    client.read_answer(false);
    const std::string content = dechunk(client);
    CHECK(content.size() == 50000000);
    CHECK(written == 50000000);
}

TEST_CASE("a handler hears that its client has gone", "[stream]") {
    std::atomic<int> running{0};
    std::atomic<int> told{0};
    TestServer server({{Method::get, "/wait", role_read, [&](Request& request) {
                            ++running;
                            if (eventually(request.gone)) ++told;
                            return Response{};
                        }}});
    Client closes(server.port());
    Client resets(server.port());
    Client ends_sending(server.port());
    for (Client* client : {&closes, &resets, &ends_sending}) client->send(get("/wait"));
    REQUIRE(eventually([&] { return running == 3; }));
    CHECK(told == 0);
    closes.close();
    resets.reset();
    ends_sending.end_sending();
    CHECK(eventually([&] { return told == 3; }));
    // Who only has nothing more to ask still gets the answer.
    CHECK(ends_sending.read_answer().status == 200);
    CHECK(ends_sending.at_end());
}

TEST_CASE("a client that asks ahead has not gone", "[stream]") {
    Gate gate;
    std::atomic<bool> gone{false};
    TestServer server({{Method::get, "/wait", role_read, [&](Request& request) {
                            gate.pass();
                            gone = gone || request.gone();
                            return Response{200, "text/plain", {}, "x", {}};
                        }}});
    Client client(server.port());
    client.send(get("/wait"));
    REQUIRE(eventually([&] { return gate.arrived() == 1; }));
    std::string more;
    for (int i = 0; i < 3000; ++i) more += get("/wait");
    client.send(more);
    gate.open();
    for (int i = 0; i < 3001; ++i) REQUIRE(client.read_answer().body == "x");
    CHECK_FALSE(gone);
}

TEST_CASE("a stream ends when its reader goes", "[stream]") {
    std::atomic<bool> ended{false};
    TestServer server({{Method::get, "/endless", role_read, [&](Request&) {
                            Response response;
                            response.stream = [&](BodyWriter& writer) {
                                while (writer.write("line\n")) {
                                }
                                ended = true;
                            };
                            return response;
                        }}});
    Client client(server.port());
    client.send(get("/endless"));
    client.read_until("line\n");
    client.close();
    CHECK(eventually([&] { return ended && server.metrics.connections == 0; }));
    CHECK(server.metrics.requests_in_flight == 0);
}
