#include "server/request_parser.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("a header is taken however it is cut, and nothing behind it", "[parser]") {
    const std::string header =
        "\r\nPOST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nX-Two:  y \r\nContent-Length: 3\r\n\r\n";
    const std::string bytes = header + "bodyGET / HTTP/1.1\r\n\r\n";
    for (std::size_t cut = 0; cut < header.size(); ++cut) {
        RequestParser parser(1000, 1000);
        const auto first = parser.feed_header(std::string_view(bytes).substr(0, cut));
        REQUIRE(first.fault == RequestParser::Fault::none);
        CHECK(first.need_more);
        const auto second = parser.feed_header(std::string_view(bytes).substr(first.used));
        CHECK_FALSE(second.need_more);
        CHECK(first.used + second.used == header.size());
        Request request;
        REQUIRE(parser.take_header(request).fault == RequestParser::Fault::none);
        CHECK(request.method == Method::post);
        CHECK(request.path == std::vector<std::string>{"a b"});
        CHECK(request.header("x-two") == "y");
        CHECK(parser.content_length() == 3);
        CHECK(parser.keep_alive());
        CHECK_FALSE(parser.chunked());
        CHECK_FALSE(parser.expects_continue());
    }
}

TEST_CASE("a header is at most as long as the limit", "[parser]") {
    const std::string begin = "GET / HTTP/1.1\r\nX: ";
    for (const std::size_t size : {std::size_t{990}, std::size_t{1200}}) {
        RequestParser parser(1000, 1000);
        const auto step = parser.feed_header(begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n");
        CHECK((step.fault == RequestParser::Fault::header_too_large) == (size > 1000));
    }
}

TEST_CASE("a chunked body is decoded however it is cut, up to its limit", "[parser]") {
    const std::string header = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string chunks = "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nT: v\r\n\r\n";
    for (std::size_t cut = 0; cut < chunks.size(); ++cut) {
        RequestParser parser(1000, 7);
        REQUIRE(parser.feed_header(header).used == header.size());
        Request request;
        REQUIRE(parser.take_header(request).fault == RequestParser::Fault::none);
        CHECK(parser.chunked());
        std::string body;
        const auto first = parser.feed_chunked(std::string_view(chunks).substr(0, cut), body);
        CHECK(first.fault == RequestParser::Fault::none);
        const auto second = parser.feed_chunked(std::string_view(chunks).substr(first.used), body);
        CHECK(second.fault == RequestParser::Fault::none);
        CHECK(first.used + second.used == chunks.size());
        CHECK(parser.body_done());
        CHECK(body == "abcdefg");
    }
    RequestParser parser(1000, 6);
    REQUIRE(parser.feed_header(header).used == header.size());
    std::string body;
    CHECK(parser.feed_chunked(chunks, body).fault == RequestParser::Fault::body_too_large);
    CHECK(body.size() <= 6);
}
