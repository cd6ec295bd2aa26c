#include "server/http.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("the first parameter and the first header of a name are found", "[http]") {
    Request request;
    request.query = {{"a", "1"}, {"b", ""}, {"a", "2"}};
    request.headers = {{"content-type", "text/plain"}};
    CHECK(request.parameter("a") == "1");
    CHECK(request.parameter("b") == "");
    CHECK_FALSE(request.parameter("c"));
    CHECK(request.header("content-type") == "text/plain");
    CHECK_FALSE(request.header("Content-Type"));
    CHECK_FALSE(request.gone());
}
