#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;
using Json = nlohmann::json;

namespace {

void put(Hub& hub, const std::string& row, const std::string& body) {
    REQUIRE(hub.post("/v0.3/DATA/" + row, body).status == 200);
}

}  // namespace

TEST_CASE("rows are listed in pages, by prefix") {
    Hub hub;
    for (const std::string row : {"a1", "a2", "a3", "b1"}) put(hub, "CFLongType/" + row, "1=x");
    put(hub, "CFUTF8Type/clients", "x=1");
    const std::vector<std::pair<std::string, std::string>> table{
        {"", R"({"rows":["a1","a2","a3","b1"],"next":null})"},
        {"?limit=3", R"({"rows":["a1","a2","a3"],"next":"b1"})"},
        {"?from=a2&limit=1", R"({"rows":["a2"],"next":"a3"})"},
        {"?prefix=a&limit=3", R"({"rows":["a1","a2","a3"],"next":null})"},
        {"?family=CFUTF8Type", R"({"rows":["clients"],"next":null})"},
    };
    for (const auto& [query, body] : table) {
        INFO(query);
        CHECK(hub.get("/api/v1/rows" + query).body == body);
    }
    CHECK(hub.get("/api/v1/rows?family=CFNone").status == 404);
    CHECK(hub.get("/api/v1/rows?limit=x").status == 400);
}

TEST_CASE("a row's cells come in pages, either way, with the end of their time") {
    Hub hub;
    put(hub, "CFLongType/r", "1=a&2=b&3=c");
    put(hub, "CFLongType/r?ttl=10", "4=d");
    const std::string end = std::to_string(hub.clock.now + 10000);
    const std::vector<std::pair<std::string, std::string>> table{
        {"&limit=2", R"({"cells":[{"column":"1","value":"a"},{"column":"2","value":"b"}],"next":"3"})"},
        {"&from=3", R"({"cells":[{"column":"3","value":"c"},{"column":"4","value":"d","expires":)" + end +
                        R"(}],"next":null})"},
        {"&reverse=true&from=2&limit=1", R"({"cells":[{"column":"2","value":"b"}],"next":"1"})"},
        {"&from=2&to=2", R"({"cells":[{"column":"2","value":"b"}],"next":null})"},
    };
    for (const auto& [query, body] : table) {
        INFO(query);
        CHECK(hub.get("/api/v1/row?row=r" + query).body == body);
    }
    CHECK(hub.get("/api/v1/row?row=none").body == R"({"cells":[],"next":null})");
    CHECK(hub.get("/api/v1/row").status == 400);
    CHECK(hub.get("/api/v1/row?family=CFNone&row=r").status == 404);
    CHECK(hub.get("/api/v1/row?row=r&from=abc").status == 400);
    CHECK(hub.get("/api/v1/row?row=r&reversed=true").status == 400);  // that is its name in the old API
}

TEST_CASE("counters of a row, and the rows that have counters") {
    Hub hub;
    for (const std::string column : {"a", "b", "c"}) hub.post("/v0.3/COUNTER/r1/" + column, "decrement=2");
    hub.post("/v0.3/COUNTER/r2/a", "increment");
    CHECK(hub.get("/api/v1/counters?row=r1&limit=2").body ==
          R"({"counters":[{"column":"a","value":-2},{"column":"b","value":-2}],"next":"c"})");
    CHECK(hub.get("/api/v1/counters?row=r1&from=c").body ==
          R"({"counters":[{"column":"c","value":-2}],"next":null})");
    CHECK(hub.get("/api/v1/counters").body == R"({"rows":["r1","r2"],"next":null})");
    CHECK(hub.get("/api/v1/counters?prefix=r&limit=1").body == R"({"rows":["r1"],"next":"r2"})");
    CHECK(hub.get("/api/v1/counters?row=r1&prefix=r").status == 400);
}

TEST_CASE("families say which are looked through by a search") {
    Hub hub;
    const Json families = Json::parse(hub.get("/api/v1/families").body)["families"];
    REQUIRE(families.size() == 2);
    CHECK(families[0]["name"] == "CFLongType");
    CHECK(families[0]["time_family"] == true);
    CHECK(families[1]["time_family"] == false);
    const Json stats = Json::parse(hub.get("/api/v1/stats").body);
    CHECK(stats["writable"] == true);
    CHECK(stats["why_not_writable"].is_null());
    CHECK(hub.get("/api/v1/stats?verbose=1").status == 400);
}
