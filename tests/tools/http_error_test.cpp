#include "tests/catch.h"
#include "tools/exit_code.h"
#include "tools/http_client.h"

namespace nmstore::tools {

TEST_CASE("answers other than 2xx, for a person") {
    struct Case {
        int status;
        const char* body;
        Code code;
        const char* part;
    };
    const Case cases[] = {
        {400, R"({"error":{"code":"invalid_argument","message":"column 3: expected ')'"}})",
         Code::invalid_argument, "column 3"},
        {400, R"({"status":"400","message":"Bad Request","detail":"no such family"})", Code::invalid_argument,
         "no such family"},
        {400, "This port speaks TLS\n", Code::invalid_argument, "This port speaks TLS"},
        {400, "<html>", Code::invalid_argument, "status 400"},
        {401, "", Code::conflict, "NM_TOKEN"},
        {403, "", Code::conflict, "does not allow"},
        {404, "<html>", Code::not_found, "is it nm-stored"},
        {413, R"({"error":{"message":"too big"}})", Code::too_large, "too big"},
        {422, R"({"error":{"message":"query_timeout"}})", Code::limit_exceeded, "query_timeout"},
        {302, "", Code::unsupported, "elsewhere"},
        {405, "", Code::unsupported, "405"},
        {429, "", Code::unavailable, "429"},
        {500, "", Code::unavailable, "500"},
        {503, R"({"error":{"message":"disk \u001b[2J full"}})", Code::unavailable, "disk \\x1b[2J full"},
    };
    for (const auto& [status, body, code, part] : cases) {
        CAPTURE(status);
        const Error error = explain({status, body, ""}, "http://h:1");
        CHECK(error.code == code);
        CAPTURE(error.message);
        CHECK(error.message.find(part) != std::string::npos);
    }
}

TEST_CASE("addresses") {
    for (const char* url : {"", "h:1", "ftp://h", "http://", "http://u:p@h", "http://h?x", "http://h 1"}) {
        CAPTURE(url);
        CHECK_FALSE(HttpClient::make({url, "", {}}).ok());
    }
    const auto client = HttpClient::make({"http://h:1/below/", "", {}});
    REQUIRE(client.ok());
    CHECK(client.value().url() == "http://h:1/below");
    CHECK(percent_encode("a b/ä~") == "a%20b%2F%C3%A4~");
    CHECK(path_segment("a.b/") == "a.b%2F");
    CHECK(path_segment(".") == "%2E");
    CHECK(path_segment("..") == "%2E%2E");
}

}  // namespace nmstore::tools
