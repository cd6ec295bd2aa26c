// What no client should send: each gets a clear answer, then the connection ends, and the server goes on.
#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

TEST_CASE("what cannot be read is answered with an error, and the connection ends", "[session]") {
    TransportLimits limits;
    limits.max_header = 4096;
    TestServer server(echo_routes(), limits);
    const std::string many(5000, 'h');
    struct Row {
        std::string bytes;
        int status;
    };
    const Row rows[] = {
        {"garbage\r\n\r\n", 400},
        {"}", 400},
        {std::string("\x16\x03\x01\x02\x00\x01", 6), 400},  // the beginning of TLS
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"get /get HTTP/1.1\r\n\r\n", 400},
        {"GET\r\n\r\n", 400},
        {"GET /get\r\n\r\n", 400},
        {"GET  /get HTTP/1.1\r\n\r\n", 400},
        {"GET get HTTP/1.1\r\n\r\n", 400},
        {"GET /get HTTP/1.1\r\nno colon\r\n\r\n", 400},
        {"GET /get HTTP/1.1\r\n: no name\r\n\r\n", 400},
        {std::string("GET /get HTTP/1.1\r\nX: a\0b\r\n\r\n", 29), 400},
        {"GET /get HTTP/2.0\r\n\r\n", 505},
        {"GET /get HTTP/x.y\r\n\r\n", 505},
        {"GET /get\xff\xfe HTTP/1.1\r\n\r\n", 400},
        {"GET /get/\x01 HTTP/1.1\r\n\r\n", 400},
        {std::string("GET /get/\0 HTTP/1.1\r\n\r\n", 23), 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: +1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 1x\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: \r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 0x10\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", 413},
        {"POST /echo HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n", 413},
        {"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;" + many, 400},
        {"GET /get HTTP/1.1\r\nX: " + many, 431},
        {"GET /" + many, 431},
        {"GET /get HTTP/1.1\r\nX: " + many + "\r\n\r\n", 431},
    };
    for (const Row& row : rows) {
        INFO(row.bytes.substr(0, 120));
        Client client(server.port());
        client.send(row.bytes);
        const auto answer = client.read_answer();
        CHECK(answer.status == row.status);
        CHECK(answer.head.find("Connection: close") != std::string::npos);
        CHECK(answer.body.find("{\"error\":{\"code\":") == 0);
        CHECK(client.at_end());
    }
    CHECK(server.metrics.limit_hits("max_header") == 3);
    Client alive(server.port());
    CHECK(alive.ask(get("/get")).status == 200);
}

TEST_CASE("errors before routing have the shape of the path's API", "[session]") {
    TransportLimits limits;
    limits.max_body = 10;
    TestServer server(echo_routes(), limits);
    const std::string requests[] = {
        "POST /v0.3/echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /v0.3/echo HTTP/1.1\r\nContent-Length: 11\r\n\r\n",
        "GET /v0.3/\xff HTTP/1.1\r\n\r\n",
        "GET /v0.3/nothing HTTP/1.1\r\n\r\n",
    };
    for (const std::string& request : requests) {
        Client client(server.port());
        const auto answer = client.ask(request);
        CHECK(answer.body.find("{\"status\":\"" + std::to_string(answer.status) + "\",\"message\":\"") == 0);
        CHECK(answer.body.find("\"detail\":\"") != std::string::npos);
    }
}

// The old client counts UTF-16 units: what is declared is answered, what is left gets an error.
TEST_CASE("a body longer than declared is answered as declared, and the rest with 400", "[session]") {
    TestServer server(echo_routes());
    const std::string body = "text=gr\xc3\xbc\xc3\x9f";  // 9 units, 11 bytes
    for (const char* headers : {"", "Connection: close\r\n"}) {
        Client client(server.port());
        client.send("POST /v0.3/echo HTTP/1.1\r\n" + std::string(headers) + "Content-Length: 9\r\n\r\n" +
                    body);
        const auto answer = client.read_answer();
        CHECK(answer.status == 200);
        CHECK(answer.body == body.substr(0, 9));
        if (*headers == '\0') CHECK(client.read_answer().status == 400);
        CHECK(client.at_end());
    }
}

TEST_CASE("a body shorter than declared is told so", "[session]") {
    TestServer server(echo_routes());
    Client client(server.port());
    client.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort");
    client.end_sending();
    CHECK(client.read_answer().status == 400);
    CHECK(client.at_end());
    Client cut(server.port());
    cut.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort");
    cut.reset();
    CHECK(
        eventually([&] { return server.metrics.connections_total == 2 && server.metrics.connections == 0; }));
    CHECK(server.metrics.requests_in_flight == 0);
}

TEST_CASE("a handler that throws is answered with 500, and the next request is served", "[session]") {
    TestServer server({{Method::get, "/throws", role_read,
                        [](Request&) -> Response { throw std::runtime_error("secret"); }},
                       {Method::get, "/throws-other", role_read, [](Request&) -> Response { throw 1; }}});
    Client client(server.port());
    for (const char* path : {"/throws", "/throws-other"}) {
        const auto answer = client.ask(get(path));
        CHECK(answer.status == 500);
        CHECK(answer.body.find("secret") == std::string::npos);
        CHECK(answer.body.find("under request ") != std::string::npos);
    }
    CHECK(server.metrics.handler_exceptions == 2);
}

TEST_CASE("a header that would break out of its line is left out", "[session]") {
    TestServer server({{Method::get, "/get", role_read, [](Request&) {
                            Response response;
                            response.headers = {{"X-Bad", "a\r\nX-Injected: b"}, {"X-Good", "c"}};
                            return response;
                        }}});
    Client client(server.port());
    const auto answer = client.ask(get("/get"));
    CHECK(answer.head.find("Injected") == std::string::npos);
    CHECK(answer.head.find("X-Good: c\r\n") != std::string::npos);
}

TEST_CASE("what is no request is answered in the shape of the API that was asked last", "[session]") {
    TestServer server(echo_routes());
    const std::string own = "{\"error\":{", old = "{\"status\":\"400\"";
    struct Row {
        std::string before, bytes, begin;
    };
    const Row rows[] = {
        {"", "}}\r\n\r\n", own},
        {get("/v0.3/nothing"), "}}\r\n\r\n", old},
        // What a body that is longer than declared leaves behind, with a '/' in it or not.
        {post("/v0.3/nothing", "{\"a\":"), "\"/api/v1\"}\r\n\r\n", old},
        {get("/v0.3/nothing"), "lower /get HTTP/1.1\r\n\r\n", old},
        {get("/v0.3/nothing") + get("/get"), "}}\r\n\r\n", own},
        // A line that names a path is of that path's API.
        {get("/v0.3/nothing"), "GET /get HTTP/1.1\r\nno colon\r\n\r\n", own},
        {get("/get"), "\r\nGET /v0.3/x HTTP/1.1\r\nno colon\r\n\r\n", old},
    };
    for (const Row& row : rows) {
        INFO(row.before + row.bytes);
        Client client(server.port());
        client.send(row.before + row.bytes);
        Client::Answer answer;
        do answer = client.read_answer();
        while (answer.status == 200 || answer.status == 404);
        CHECK(answer.status == 400);
        CHECK(answer.body.substr(0, row.begin.size()) == row.begin);
        CHECK(client.at_end());
    }
}
