#include "server/router.h"

#include "tests/catch.h"

using namespace nmstore::server;

namespace {

Router cloudsandra_like() {
    Router router;
    const Handler none = [](Request&) { return Response{}; };
    router.add({{Method::get, "/health", role_none, none},
                {Method::post, "/v0.3/DATA/{cf}", role_ingest, none},
                {Method::post, "/v0.3/DATA/{cf}/{row}", role_ingest, none},
                {Method::get, "/v0.3/DATA/{cf}/{row}", role_read, none},
                {Method::del, "/v0.3/DATA/{cf}/{row}", role_ingest, none},
                {Method::get, "/api/v1/{what}", role_read, none}});
    router.add({{Method::get, "/api/v1/search", role_read, none}, {Method::get, "/", role_read, none}});
    return router;
}

}  // namespace

TEST_CASE("a router finds routes by method and path", "[router]") {
    const Router router = cloudsandra_like();
    struct Row {
        Method method;
        std::vector<std::string> path;
        std::string pattern;  // "" none
        std::string allowed;
    };
    const Row rows[] = {
        {Method::get, {"health"}, "/health", ""},
        {Method::head, {"health"}, "/health", ""},
        {Method::post, {"health"}, "", "GET, HEAD"},
        {Method::post, {"v0.3", "DATA", "CF"}, "/v0.3/DATA/{cf}", ""},
        {Method::get, {"v0.3", "DATA", "CF"}, "", "POST"},
        {Method::get, {"v0.3", "DATA", "CF", "a/b"}, "/v0.3/DATA/{cf}/{row}", ""},
        {Method::put, {"v0.3", "DATA", "CF", "r"}, "", "GET, HEAD, POST, DELETE"},
        {Method::other, {"v0.3", "DATA", "CF", "r"}, "", "GET, HEAD, POST, DELETE"},
        {Method::get, {"v0.3", "data", "CF", "r"}, "", ""},
        {Method::get, {"nothing"}, "", ""},
        {Method::get, {}, "", ""},
        {Method::get, {""}, "/", ""},
        // The more literal pattern wins whatever the order.
        {Method::get, {"api", "v1", "search"}, "/api/v1/search", ""},
        {Method::get, {"api", "v1", "rows"}, "/api/v1/{what}", ""},
    };
    for (const Row& row : rows) {
        const Router::Match match = router.find(row.method, row.path);
        INFO(row.pattern << " " << row.path.size());
        CHECK((match.route == nullptr ? "" : match.route->pattern) == row.pattern);
        CHECK(match.allowed == row.allowed);
    }
}

TEST_CASE("an empty segment is no name, so a call on a column never becomes one on its row", "[router]") {
    const Router router = cloudsandra_like();
    CHECK(router.find(Method::del, {"v0.3", "DATA", "CF", "row", ""}).route == nullptr);
    CHECK(router.find(Method::del, {"v0.3", "DATA", "CF", ""}).route == nullptr);
    CHECK(router.find(Method::post, {"v0.3", "DATA", ""}).route == nullptr);
    CHECK(router.find(Method::post, {"v0.3", "", "DATA", "CF"}).route == nullptr);
}
