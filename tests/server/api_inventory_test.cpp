#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using nmstore::testing::contains;
using testing::Answer;
using testing::Hub;
using Json = nlohmann::json;

TEST_CASE("clients with their tags, and who has not reported for ten minutes") {
    Hub hub;
    hub.post("/v0.3/DATA/CFUTF8Type/clients", "10.0.0.1=" + std::to_string(hub.clock.now - 1000) +
                                                  "&10.0.0.2=" + std::to_string(hub.clock.now - 3600000));
    CHECK(hub.post("/api/v1/tags?client=10.0.0.1&tag=web%20%25one").body ==
          R"({"client":"10.0.0.1","tag":"web %one"})");
    const Json clients = Json::parse(hub.get("/api/v1/clients").body)["clients"];
    REQUIRE(clients.size() == 2);
    CHECK(clients[0]["client"] == "10.0.0.1");
    CHECK(clients[0]["tag"] == "web %one");
    CHECK(clients[0]["last_seen"] == hub.clock.now - 1000);
    CHECK(clients[0]["down"] == false);
    CHECK(clients[1]["tag"].is_null());
    CHECK(clients[1]["down"] == true);
}

TEST_CASE("tags are set, changed, listed and removed") {
    Hub hub;
    hub.post("/api/v1/tags?client=a&tag=one");
    hub.post("/api/v1/tags?client=a&tag=zw%C3%B6lf");
    hub.post("/api/v1/tags?client=b&tag=two");
    // As they were set, whatever they look like.
    for (const auto& [sent, tag] : {std::pair("%2541", "%41"), std::pair("%252541", "%2541"),
                                    std::pair("%22a%22", "\\\"a\\\""), std::pair("null", "null")}) {
        INFO(sent);
        CHECK(hub.post("/api/v1/tags?client=x&tag=" + std::string(sent)).status == 200);
        CHECK(contains(hub.get("/api/v1/tags").body, R"({"client":"x","tag":")" + std::string(tag) + "\"}"));
        CHECK(hub.del("/api/v1/tags?client=x").status == 200);
    }
    // As agents and old pages have stored them.
    for (const auto& [stored, tag] : {std::pair("web%20one", "web one"), std::pair("web%2520one", "web one"),
                                      std::pair("%2241%22", "41")}) {
        const auto batch = hub.store().begin_cells(kIndexFamily);
        REQUIRE((*batch)->put("client-tags", "x", stored).ok());
        REQUIRE((*batch)->commit().ok());
        CHECK(contains(hub.get("/api/v1/tags").body, R"({"client":"x","tag":")" + std::string(tag) + "\"}"));
    }
    hub.del("/api/v1/tags?client=x");
    CHECK(hub.get("/api/v1/tags").body ==
          R"({"tags":[{"client":"a","tag":"zwölf"},{"client":"b","tag":"two"}]})");
    CHECK(hub.del("/api/v1/tags?client=a").body == R"({"client":"a","tag":null})");
    CHECK(hub.get("/api/v1/tags").body == R"({"tags":[{"client":"b","tag":"two"}]})");
    CHECK(hub.post("/api/v1/tags?client=a").status == 400);
    CHECK(hub.post("/api/v1/tags?tag=a").status == 400);
    CHECK(hub.post("/api/v1/tags?client=a&tag=" + std::string(257, 'x')).status == 400);
    CHECK(hub.post("/api/v1/tags?client=a&tag=%FF").status == 400);
    CHECK(hub.del("/api/v1/tags").status == 400);
}

TEST_CASE("a log is listed with the name that its newest lines give it") {
    Hub hub;
    const auto line = [&hub](const char* log, const char* time) {
        const std::string body =
            std::string(R"({"client":"web","log":")") + log + R"(","message":"x","time":)" + time + "}";
        REQUIRE(hub.post("/api/v1/logs", body, {{"content-type", "application/x-ndjson"}}).status == 200);
    };
    const auto names = [&hub] {
        std::vector<std::pair<std::string, std::string>> found;
        const Json answer = Json::parse(hub.get("/api/v1/logs?client=web").body);
        for (const Json& log : answer["logs"]) found.emplace_back(log["log"], log["display"]);
        return found;
    };
    using Names = std::vector<std::pair<std::string, std::string>>;
    line("/var/log/x", "1321900000000");
    line("app", "1321900000000");
    CHECK(names() == Names{{"_var_log_x", "/var/log/x"}, {"app", "app"}});
    line("/var/log_x", "1322000000000");
    CHECK(names() == Names{{"_var_log_x", "/var/log_x"}, {"app", "app"}});
}

TEST_CASE("logs and plugins of one client or of all, and the users") {
    Hub hub;
    hub.post("/v0.3/DATA/CFLongType/10.0.0.1:logs:_var_log_a:2011:10:21", "1321900000000=x");
    hub.post("/v0.3/DATA/CFLongType/10.0.0.1:plugins:df:2011:10:21", "1321900000000=x");
    hub.post("/v0.3/DATA/CFLongType/10.0.0.2:logs:_var_log_b:2011:10:21", "1321900000000=x");
    hub.post("/v0.3/DATA/CFUTF8Type/users", "session-1=1321900000000&session-2=");
    CHECK(Json::parse(hub.get("/api/v1/logs").body)["logs"].size() == 2);
    const Json logs = Json::parse(hub.get("/api/v1/logs?client=10.0.0.1").body)["logs"];
    REQUIRE(logs.size() == 1);
    CHECK(logs[0]["client"] == "10.0.0.1");
    CHECK(logs[0]["log"] == "_var_log_a");
    CHECK(logs[0]["display"] == "_var_log_a");  // nothing tells where the signs were "/"
    const Json plugins = Json::parse(hub.get("/api/v1/plugins").body)["plugins"];
    REQUIRE(plugins.size() == 1);
    CHECK(plugins[0]["plugin"] == "df");
    CHECK(hub.get("/api/v1/users").body ==
          R"({"users":[{"user":"session-1","since":1321900000000},{"user":"session-2","since":null}]})");
}
