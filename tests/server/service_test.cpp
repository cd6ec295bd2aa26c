#include "server/service.h"

#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

namespace {

// Tokens "agent", "reader" and "boss"; what was verified once is recalled.
class FewCredentials : public Credentials {
  public:
    bool empty() const override { return false; }
    Principal check(std::string_view header) const override {
        ++checks;
        if (header == "agent") return {"agent", role_ingest};
        if (header == "reader") return {"reader", role_read};
        if (header == "boss") return {"boss", role_admin};
        return {};
    }
    std::optional<Principal> recall(std::string_view header) const override {
        if (header.empty()) return Principal{};
        if (header == "boss") return Principal{"boss", role_admin};
        return std::nullopt;
    }
    bool still_grants(const Principal&) const override { return true; }
    bool has_token(std::string_view) const override { return false; }
    mutable std::atomic<int> checks{0};
};

std::vector<Route> routes() {
    const Handler who = [](Request& request) {
        return Response{200, "text/plain", {}, request.principal.token, {}};
    };
    return {{Method::get, "/open", role_none, who},     {Method::get, "/read", role_read, who},
            {Method::post, "/write", role_ingest, who}, {Method::post, "/v0.3/write", role_ingest, who},
            {Method::post, "/admin", role_admin, who},  {Method::get, "/page", role_read, who, role_none}};
}

}  // namespace

TEST_CASE("each role may do what it may", "[service]") {
    TestServer server(routes(), {}, 4, 16, std::make_shared<FewCredentials>());
    struct Row {
        std::string request, header;
        int status;
    };
    const Row rows[] = {
        {"GET /page", "", 200},        {"GET /page", "nobody", 200},   {"GET /open", "", 200},
        {"GET /open", "nobody", 200},  {"GET /read", "", 401},         {"GET /read", "reader", 200},
        {"GET /read", "agent", 403},   {"GET /read", "boss", 200},     {"GET /read", "nobody", 401},
        {"POST /write", "agent", 200}, {"POST /write", "reader", 403}, {"POST /write", "", 401},
        {"POST /admin", "boss", 200},  {"POST /admin", "agent", 403},  {"GET /nothing", "", 404},
        {"GET /write", "", 405},
    };
    for (const Row& row : rows) {
        INFO(row.request << " " << row.header);
        Client client(server.port());
        const std::string header = row.header.empty() ? "" : "Authorization: " + row.header + "\r\n";
        const auto answer = client.ask(row.request + " HTTP/1.1\r\n" + header + "\r\n");
        CHECK(answer.status == row.status);
        CHECK((answer.head.find("WWW-Authenticate: Basic") != std::string::npos) == (row.status == 401));
    }
    CHECK(server.metrics.auth_failures == 3);
}

TEST_CASE("an old agent with wrong credentials reads what it knows", "[service]") {
    TestServer server(routes(), {}, 4, 16, std::make_shared<FewCredentials>());
    Client client(server.port());
    const auto answer = client.ask(post("/v0.3/write", "a=b"));
    CHECK(answer.body.find(R"({"status":"401","message":"Unauthorized","detail":")") == 0);
}

TEST_CASE("a body is not read before it is known who sends it", "[service]") {
    TestServer server(routes(), {}, 4, 16, std::make_shared<FewCredentials>());
    Client client(server.port());
    CHECK(client.ask("POST /write HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n").status == 401);
    client.end_sending();
    CHECK(client.at_end());
}

TEST_CASE("a peer that guesses must wait, but not those whose credentials are known", "[service]") {
    const auto credentials = std::make_shared<FewCredentials>();
    TestServer server(routes(), {}, 4, 16, credentials);
    Client client(server.port());
    for (int i = 0; i < kMaxAuthFailures; ++i) {
        CHECK(client.ask(get("/read", "Authorization: guess" + std::to_string(i) + "\r\n")).status == 401);
    }
    const int checks = credentials->checks;
    const auto answer = client.ask(get("/read", "Authorization: guess\r\n"));
    CHECK(answer.status == 429);
    CHECK(answer.head.find("Retry-After: 60") != std::string::npos);
    CHECK(credentials->checks == checks);
    CHECK(server.metrics.limit_hits("auth_failures") == 1);
    CHECK(client.ask(get("/read", "Authorization: boss\r\n")).body == "boss");
}

TEST_CASE("a browser's WebSocket says who asks by the name of a protocol", "[service]") {
    struct Row {
        std::string headers, authorization;
    };
    const Row rows[] = {
        {"Upgrade: websocket\r\nSec-WebSocket-Protocol: nm-store, nm-store.basic.dG9rOmE_Pn4\r\n",
         "Basic dG9rOmE/Pn4="},
        {"Upgrade: websocket\r\nSec-WebSocket-Protocol: nm-store\r\nSec-WebSocket-Protocol: "
         "nm-store.basic.dG9rOmE-\r\n",
         "Basic dG9rOmE+"},
        {"Upgrade: websocket\r\nSec-WebSocket-Protocol: nm-store.basic.\r\n", "Basic "},
        {"Upgrade: websocket\r\nSec-WebSocket-Protocol: nm-store, chat\r\n", ""},
        {"Upgrade: websocket\r\nAuthorization: boss\r\nSec-WebSocket-Protocol: nm-store.basic.dG9r\r\n",
         "boss"},
        {"Sec-WebSocket-Protocol: nm-store, nm-store.basic.dG9rOmE_Pn4\r\n", ""},  // not of other requests
    };
    class Told : public FewCredentials {
      public:
        std::optional<Principal> recall(std::string_view header) const override {
            told = header;
            return Principal{};
        }
        mutable std::string told;
    };
    const auto credentials = std::make_shared<Told>();
    TestServer server(routes(), {}, 4, 16, credentials);
    for (const Row& row : rows) {
        INFO(row.headers);
        Client client(server.port());
        CHECK(client.ask("GET /read HTTP/1.1\r\nConnection: Upgrade\r\n" + row.headers + "\r\n").status ==
              401);
        CHECK(credentials->told == row.authorization);
    }
}

TEST_CASE("a route may be open to all but those who want a WebSocket", "[service]") {
    TestServer server(routes(), {}, 4, 16, std::make_shared<FewCredentials>());
    struct Row {
        std::string headers;
        int status;
    };
    const Row rows[] = {
        {"", 200},
        {"Upgrade: h2c\r\n", 200},
        {"Upgrade: websocket\r\n", 401},
        {"Upgrade: websocket\r\nAuthorization: agent\r\n", 403},
        {"Upgrade: websocket\r\nAuthorization: reader\r\n", 200},
        {"Upgrade: websocket\r\nAuthorization: boss\r\n", 200},
    };
    for (const Row& row : rows) {
        INFO(row.headers);
        Client client(server.port());
        CHECK(client.ask("GET /page HTTP/1.1\r\nConnection: Upgrade\r\n" + row.headers + "\r\n").status ==
              row.status);
    }
}
