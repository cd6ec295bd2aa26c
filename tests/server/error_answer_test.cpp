#include "server/error_answer.h"

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;

TEST_CASE("the path tells the shape of errors", "[error]") {
    for (const char* old : {"/v0.3", "/v0.3/", "/v0.3/DATA/x", "/v0.3?x"})
        CHECK(error_shape(old) == ErrorShape::cloudsandra);
    for (const char* own : {"", "/", "/v0.30/x", "/api/v1/search", "/x/v0.3/"})
        CHECK(error_shape(own) == ErrorShape::own);
}

TEST_CASE("an error is told in either shape, whatever bytes it quotes", "[error]") {
    const Error error{Code::invalid_argument, "bad \"\xff\n\" here"};
    const Response old = error_answer(ErrorShape::cloudsandra, error);
    CHECK(old.status == 400);
    CHECK(old.content_type == "application/json");
    CHECK(old.body ==
          "{\"status\":\"400\",\"message\":\"Bad Request\",\"detail\":\"bad \\\"\xef\xbf\xbd\\n\\\" here\"}");
    const Response own = error_answer(ErrorShape::own, error);
    CHECK(own.body ==
          "{\"error\":{\"code\":\"invalid_argument\",\"message\":\"bad \\\"\xef\xbf\xbd\\n\\\" here\"}}");
}

TEST_CASE("every code has its status", "[error]") {
    struct Row {
        Code code;
        int status;
    };
    for (const Row& row :
         {Row{Code::invalid_argument, 400}, Row{Code::not_found, 404}, Row{Code::conflict, 409},
          Row{Code::too_large, 413}, Row{Code::busy, 503}, Row{Code::unavailable, 503},
          Row{Code::cancelled, 503}, Row{Code::deadline_exceeded, 422}, Row{Code::limit_exceeded, 422},
          Row{Code::corruption, 500}, Row{Code::io, 500}, Row{Code::unsupported, 501}}) {
        CHECK(http_status(row.code) == row.status);
        CHECK(reason_phrase(row.status) != "Unknown");
    }
}
