#include "server/target.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("targets are taken apart", "[target]") {
    struct Row {
        std::string target;
        std::vector<std::string> path;
        std::vector<std::pair<std::string, std::string>> query;
    };
    const Row rows[] = {
        {"/", {""}, {}},
        {"/health", {"health"}, {}},
        {"/health?", {"health"}, {}},
        {"/a/b/", {"a", "b", ""}, {}},
        {"//a", {"", "a"}, {}},
        {"/v0.3/DATA/CFLongType/10.0.0.1:logs:_var_log_syslog:2011:5:22",
         {"v0.3", "DATA", "CFLongType", "10.0.0.1:logs:_var_log_syslog:2011:5:22"},
         {}},
        {"/DATA/10.0.0.1%3Alogs%3a_var%2Flog", {"DATA", "10.0.0.1:logs:_var/log"}, {}},
        {"/a+b/%zz/%", {"a+b", "%zz", "%"}, {}},
        {"/s?q=a+b%20c&limit=5&q=d&e", {"s"}, {{"q", "a b c"}, {"limit", "5"}, {"q", "d"}, {"e", ""}}},
        {"/s?q=a/b?c", {"s"}, {{"q", "a/b?c"}}},
        {"http://host:8001/a/b?c=d", {"a", "b"}, {{"c", "d"}}},
        {"http://host", {""}, {}},
        {"*", {}, {}},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        Request request;
        REQUIRE(parse_target(row.target, request).ok());
        CHECK(request.target == row.target);
        CHECK(request.path == row.path);
        CHECK(request.query == row.query);
    }
}

TEST_CASE("what is no target is refused", "[target]") {
    std::string many = "/s?a=1";
    for (std::size_t i = 0; i < kMaxParameters; ++i) many += "&a=1";
    for (const std::string& target :
         {std::string("health"), std::string("host:443"), std::string("/a b"), std::string("/\xc3\xbc"),
          std::string("/\x01"), std::string("/\x7f"), std::string("/a\0b", 4), many,
          std::string("http://host?q=1"), std::string()}) {
        INFO(target.substr(0, 50));
        Request request;
        const auto parsed = parse_target(target, request);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().code == nmstore::Code::invalid_argument);
    }
}
