#include "server/wire_format.h"

#include "tests/catch.h"

using namespace nmstore::server;

namespace {

std::string head_of(const Response& response, const HeadOptions& options) {
    std::string head = format_head(response, options);
    const std::size_t date = head.find("Date: ");
    REQUIRE(date != std::string::npos);
    return head.erase(date, head.find("\r\n", date) + 2 - date);
}

}  // namespace

TEST_CASE("heads tell how the body ends, and whether the connection does", "[wire]") {
    Response response;
    response.body = "12345";
    response.headers = {{"X-A", "b"}};
    const std::string begin = "HTTP/1.1 200 OK\r\nServer: nm-stored\r\nContent-Type: application/json\r\n";
    CHECK(head_of(response, {}) == begin + "Content-Length: 5\r\nX-A: b\r\n\r\n");
    CHECK(head_of(response, {BodyForm::length, false, false}) ==
          begin + "Content-Length: 5\r\nConnection: close\r\nX-A: b\r\n\r\n");
    CHECK(head_of(response, {BodyForm::length, true, true}) ==
          begin + "Content-Length: 5\r\nConnection: keep-alive\r\nX-A: b\r\n\r\n");
    CHECK(head_of(response, {BodyForm::chunked, true, false}) ==
          begin + "Transfer-Encoding: chunked\r\nX-A: b\r\n\r\n");
    CHECK(head_of(response, {BodyForm::until_eof, false, true}) ==
          begin + "Connection: close\r\nX-A: b\r\n\r\n");
    response.status = 204;
    CHECK(head_of(response, {}) == "HTTP/1.1 204 No Content\r\nServer: nm-stored\r\nX-A: b\r\n\r\n");
    response.status = 299;
    CHECK(head_of(response, {}).find("HTTP/1.1 299 Unknown\r\n") == 0);
}

TEST_CASE("headers cannot break out of their line", "[wire]") {
    Response response;
    response.content_type = "text/plain\r\nX-Evil: 1";
    response.headers = {
        {"X\r\nX-Evil", "1"}, {"X", "1\nX-Evil: 1"}, {"", "1"}, {"X", std::string("\0", 1)}, {"Good", "1"}};
    const std::string head = head_of(response, {});
    CHECK(head.find("Evil") == std::string::npos);
    CHECK(head == "HTTP/1.1 200 OK\r\nServer: nm-stored\r\nContent-Length: 0\r\nGood: 1\r\n\r\n");
}

TEST_CASE("chunks, dates and methods", "[wire]") {
    CHECK(chunk_prefix(1) == "1\r\n");
    CHECK(chunk_prefix(262144) == "40000\r\n");
    CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(parse_method("DELETE") == Method::del);
    CHECK(parse_method("PATCH") == Method::other);
    CHECK(parse_method("get") == Method::other);
}

TEST_CASE("the beginning of a request is told from what is left of a body", "[wire]") {
    for (const char* good :
         {"", "G", "GET", "GET ", "GET /x", "POS", "POST /", "OPTIONS *", "DELETE /", "PATCH /"}) {
        INFO(good);
        CHECK(may_begin_request(good));
    }
    for (const char* bad : {"}", "get /", "GETS", "GET\t/", "\xc3\x9f", "le=1", " GET /", "POSTER", "P "}) {
        INFO(bad);
        CHECK_FALSE(may_begin_request(bad));
    }
}
