#include <algorithm>

#include "server/http.h"
#include "server/page_origin.h"
#include "tests/catch.h"

using namespace nmstore::server;

namespace {

class Nothing : public EventSource {
  public:
    More pull(std::string&, std::size_t) override { return More::wait; }
    void opened(std::function<void()>) override {}
    void closed() override {}
};

Request handshake() {
    Request request;
    request.target = "/v1/follow";
    request.headers = {{"host", "store.example:8080"},
                       {"upgrade", "WebSocket"},
                       {"connection", "keep-alive, Upgrade"},
                       {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    return request;
}

Request without(std::string_view name) {
    Request request = handshake();
    auto& headers = request.headers;
    headers.erase(
        std::remove_if(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; }),
        headers.end());
    return request;
}

Request with(std::string_view name, std::string_view value) {
    Request request = without(name);
    request.headers.emplace_back(name, value);
    return request;
}

Response answer(const Request& request, const std::vector<std::string>& allowed = {}) {
    Response response = websocket_answer(request, std::make_shared<Nothing>(), allowed);
    CHECK((response.events != nullptr) == (response.status == 101));
    return response;
}

std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return "";
}

}  // namespace

TEST_CASE("a handshake is answered with its accept key", "[websocket]") {
    const Response response = answer(handshake());
    CHECK(response.status == 101);
    CHECK(header(response, "Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(header(response, "Upgrade") == "websocket");
    CHECK(header(response, "Connection") == "Upgrade");
    CHECK(wants_websocket(handshake()));
    CHECK_FALSE(wants_websocket(without("upgrade")));
    CHECK_FALSE(wants_websocket(with("upgrade", "h2c")));
    CHECK(wants_websocket(with("upgrade", "h2c, websocket")));
}

TEST_CASE("of the protocols that a handshake offers, ours is taken, and never one with a credential",
          "[websocket]") {
    CHECK(header(answer(handshake()), "Sec-WebSocket-Protocol").empty());
    CHECK(
        header(answer(with("sec-websocket-protocol", "chat, nm-store.basic.dG9r")), "Sec-WebSocket-Protocol")
            .empty());
    CHECK(header(answer(with("sec-websocket-protocol", "nm-store.basic.dG9r, nm-store")),
                 "Sec-WebSocket-Protocol") == "nm-store");
}

TEST_CASE("what is wrong with a handshake is named", "[websocket]") {
    CHECK(answer(without("upgrade")).body.find("Upgrade: websocket") != std::string::npos);
    CHECK(answer(without("connection")).status == 400);
    CHECK(answer(with("connection", "close")).body.find("Connection: Upgrade") != std::string::npos);
    for (const char* key : {"", "abc", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ!=",
                            "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZTEy"}) {
        const Response response = answer(with("sec-websocket-key", key));
        CHECK(response.status == 400);
        CHECK(response.body.find("Sec-WebSocket-Key") != std::string::npos);
    }
    for (const char* version : {"", "8", "013", "14"}) {
        const Response response = answer(with("sec-websocket-version", version));
        CHECK(response.status == 426);
        CHECK(header(response, "Sec-WebSocket-Version") == "13");
    }
    Request post = handshake();
    post.method = Method::post;
    CHECK(answer(post).status == 400);
}

TEST_CASE("pages of other servers may not open a WebSocket", "[websocket]") {
    CHECK(answer(with("origin", "http://store.example:8080")).status == 101);
    CHECK(answer(with("origin", "HTTP://Store.Example:8080")).status == 101);
    for (const char* origin : {"http://store.example", "http://store.example:80", "http://evil.example:8080",
                               "null", "", "store.example:8080", "http://evil.example/store.example:8080"}) {
        const Response response = answer(with("origin", origin));
        CHECK(response.status == 403);
        CHECK(response.body.find(origin) != std::string::npos);
    }
    Request plain = with("origin", "https://store.example");
    plain.headers[0].second = "store.example";
    CHECK(answer(plain).status == 101);
    plain.headers[0].second = "store.example:443";
    CHECK(answer(plain).status == 101);
    plain.headers[0].second = "store.example:80";
    CHECK(answer(plain).status == 403);
    CHECK(answer(with("origin", "https://page.example"), {"https://page.example"}).status == 101);
    CHECK(answer(with("origin", "https://page.example:1"), {"https://page.example"}).status == 403);
}

TEST_CASE("origins are written as browsers write them", "[websocket]") {
    for (const auto& [given, normal] : std::vector<std::pair<std::string, std::string>>{
             {"https://page.example", "https://page.example"},
             {"HTTPS://Page.Example:443", "https://page.example"},
             {"http://page.example:80", "http://page.example"},
             {"https://page.example:80", "https://page.example:80"},
             {"http://10.0.0.1:8080", "http://10.0.0.1:8080"},
             {"http://[::1]", "http://[::1]"},
             {"http://[::1]:3000", "http://[::1]:3000"}}) {
        INFO(given);
        const auto origin = parse_origin(given);
        REQUIRE(origin.ok());
        CHECK(*origin == normal);
    }
    for (const char* bad : {"", "*", "null", "page.example", "ftp://page.example", "http://", "http://:80",
                            "http://page.example/", "http://page.example:", "http://page.example:0",
                            "http://page.example:65536", "http://a:b@page.example", "http://page.example:80x",
                            "http://a b", "http://[::1", "http://[]", "http://*.example"}) {
        INFO(bad);
        const auto origin = parse_origin(bad);
        REQUIRE_FALSE(origin.ok());
        CHECK(origin.error().message.find("'" + std::string(bad) + "'") != std::string::npos);
    }
}
