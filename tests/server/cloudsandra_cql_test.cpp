#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;

namespace {

std::string cql(const std::string& family, const std::string& query) {
    std::string target = "/v0.3/CQL/" + family + "?query=";
    for (const char c : query) target += c == ' ' ? "%20" : c == '\'' ? "%27" : std::string(1, c);
    return target;
}

}  // namespace

TEST_CASE("CQL answers an object of rows, each with its KEY") {
    Hub hub;
    hub.post("/v0.3/DATA/CFUTF8Type/clients", "10.0.0.1=5&10.0.0.2=6");
    hub.post("/v0.3/DATA/CFUTF8Type/servers", "hub=7&KEY=hidden");
    const std::vector<std::pair<std::string, std::string>> table{
        {"SELECT * WHERE KEY = clients", R"({"clients":{"KEY":"clients","10.0.0.1":"5","10.0.0.2":"6"}})"},
        {"SELECT * WHERE KEY = 'clients'", R"({"clients":{"KEY":"clients","10.0.0.1":"5","10.0.0.2":"6"}})"},
        {"SELECT FIRST 1 * WHERE KEY = clients", R"({"clients":{"KEY":"clients","10.0.0.1":"5"}})"},
        {"SELECT * WHERE KEY = servers", R"({"servers":{"KEY":"servers","hub":"7"}})"},
        {"SELECT KEY", R"({"clients":{"KEY":"clients"},"servers":{"KEY":"servers"}})"},
        {"SELECT COUNT(*)", R"({"count":{"KEY":"count","count":"2"}})"},
        {"SELECT * WHERE KEY = none", "{}"},
    };
    for (const auto& [query, body] : table) {
        INFO(query);
        CHECK(hub.get(cql("CFUTF8Type", query)).body == body);
    }
}

TEST_CASE("CQL that cannot be run is a 400 with a detail") {
    Hub hub;
    for (const std::string query :
         {"", "SELEKT *", "SELECT * WHERE", "DELETE FROM x", "SELECT * WHERE state = up"}) {
        const Answer answer = hub.get(cql("CFUTF8Type", query));
        INFO(query << " -> " << answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"("status":"400")"));
        CHECK(contains(answer.body, R"("detail":")"));
    }
    CHECK(hub.get(cql("CFNone", "SELECT *")).status == 400);
    CHECK(hub.get("/v0.3/CQL/CFUTF8Type").status == 400);
}

TEST_CASE("CQL finds a value in an index by its column's type, whatever its text") {
    Hub hub;
    REQUIRE(hub.post("/v0.3/COLUMN/CFUTF8Type/n/LongType", "isIndex=true").status == 200);
    hub.post("/v0.3/DATA/CFUTF8Type/r3", "n=5");
    hub.post("/v0.3/DATA/CFUTF8Type/r6", "n=05");
    hub.post("/v0.3/DATA/CFUTF8Type/r7", "n=50");
    const std::string both = R"({"r3":{"KEY":"r3","n":"5"},"r6":{"KEY":"r6","n":"05"}})";
    CHECK(hub.get(cql("CFUTF8Type", "SELECT * WHERE n = 5")).body == both);
    CHECK(hub.get(cql("CFUTF8Type", "SELECT * WHERE n = 005")).body == both);
}
