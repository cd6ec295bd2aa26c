// HTTP/1 as clients speak it, well and badly, over real sockets.
#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

TEST_CASE("requests follow each other on one connection", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask(post("/echo", "body " + std::to_string(i)));
        CHECK(answer.status == 200);
        CHECK(answer.body == "body " + std::to_string(i));
        CHECK(answer.head.find("Connection: close") == std::string::npos);
    }
    CHECK(client.ask(get("/get/a%2Fb%3a?x=1")).body == "[get][a/b:]");
}

TEST_CASE("pipelined requests are answered in their order", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    std::string all;
    for (int i = 0; i < 50; ++i) all += post("/echo", std::to_string(i)) + get("/get/" + std::to_string(i));
    client.send(all);
    for (int i = 0; i < 50; ++i) {
        CHECK(client.read_answer().body == std::to_string(i));
        CHECK(client.read_answer().body == "[get][" + std::to_string(i) + "]");
    }
}

TEST_CASE("a request may come byte by byte, with line ends before it", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    for (const char c : "\r\n\r\n" + post("/echo", "slow")) client.send(std::string(1, c));
    CHECK(client.read_answer().body == "slow");
}

TEST_CASE("HEAD has the head of GET and no body", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    client.send("HEAD /get HTTP/1.1\r\n\r\n");
    const auto answer = client.read_answer(false);
    CHECK(answer.status == 200);
    CHECK(answer.head.find("Content-Length: 5") != std::string::npos);
    CHECK(client.ask(get("/get")).body == "[get]");
}

TEST_CASE("HTTP/1.0 ends the connection unless asked to keep it", "[session]") {
    TestServer server(echo_routes());
    Client once(server.port());
    CHECK(once.ask("GET /get HTTP/1.0\r\n\r\n").body == "[get]");
    CHECK(once.at_end());
    Client kept(server.port());
    for (int i = 0; i < 2; ++i) {
        const auto answer = kept.ask("GET /get HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(answer.body == "[get]");
        CHECK(answer.head.find("Connection: keep-alive") != std::string::npos);
    }
}

TEST_CASE("Connection: close is done after the answer", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    const auto answer = client.ask(post("/echo", "x", "Connection: close\r\n"));
    CHECK(answer.body == "x");
    CHECK(answer.head.find("Connection: close") != std::string::npos);
    CHECK(client.at_end());
}

TEST_CASE("Expect: 100-continue is answered before the body, unless the body is refused", "[session]") {
    TransportLimits limits;
    limits.max_body = 1000;
    TestServer server(echo_routes(), limits);
    Client client(server.port());
    client.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(client.ask("body").body == "body");
    CHECK(client.ask("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4000\r\n\r\n").status ==
          413);
    CHECK(client.at_end());
    Client lost(server.port());
    CHECK(lost.ask("POST /nowhere HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").status ==
          404);
    CHECK(lost.at_end());
}

TEST_CASE("chunked bodies are put together", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    const std::string head = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(client.ask(head + "4\r\nbody\r\n1;ext=1\r\n!\r\n0\r\nTrailer: x\r\n\r\n").body == "body!");
    CHECK(client.ask(head + "0\r\n\r\n").body.empty());
    for (const char c : head + "4\r\nslow\r\n0\r\n\r\n") client.send(std::string(1, c));
    CHECK(client.read_answer().body == "slow");
    const std::string large(300000, 'x');
    std::string chunked = head;
    for (int i = 0; i < 10; ++i) chunked += "493e0\r\n" + large + "\r\n";
    const auto answer = client.ask(chunked + "0\r\n\r\n");
    CHECK(answer.status == 200);
    CHECK((answer.body == std::string(3000000, 'x')));
    CHECK(eventually([&] { return server.metrics.bodies_memory_bytes == 0; }));
}

TEST_CASE("a large body arrives whole, with the parser's room behind it", "[session]") {
    std::size_t spare = 0;
    TestServer server({{Method::post, "/spare", role_ingest, [&](Request& request) {
                            spare = request.body.capacity() - request.body.size();
                            return Response{200, "text/plain", {}, std::to_string(request.body.size()), {}};
                        }}});
    Client client(server.port());
    CHECK(client.ask(post("/spare", std::string(5000000, 'b'))).body == "5000000");
    CHECK(spare >= 64);
    CHECK(spare < 1000);
    CHECK(eventually([&] { return server.metrics.bodies_memory_bytes == 0; }));
}

TEST_CASE("OPTIONS, unknown methods and unknown paths", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    const auto options = client.ask("OPTIONS /echo HTTP/1.1\r\n\r\n");
    CHECK(options.status == 204);
    CHECK(options.head.find("Allow: POST\r\n") != std::string::npos);
    const auto wrong = client.ask("PATCH /get HTTP/1.1\r\n\r\n");
    CHECK(wrong.status == 405);
    CHECK(wrong.head.find("Allow: GET, HEAD\r\n") != std::string::npos);
    CHECK(client.ask("DELETE /v0.3/echo HTTP/1.1\r\n\r\n").body.find("\"status\":\"405\"") !=
          std::string::npos);
    CHECK(client.ask(get("/nothing")).body ==
          R"({"error":{"code":"not_found","message":"there is no such path"}})");
    // A small body of a refused request is passed over, and the connection goes on.
    CHECK(client.ask(post("/nothing", "some body")).status == 404);
    CHECK(client.ask(get("/get")).status == 200);
}
