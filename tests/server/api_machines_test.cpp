#include <nlohmann/json.hpp>

#include "server/machine_list.h"
#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::Hub;
using Json = nlohmann::json;

namespace {

Answer put(Hub& hub, const std::string& body, const std::string& type) {
    return hub.call(server::Method::put, "/api/v1/inventory", body, {{"content-type", type}});
}

}  // namespace

TEST_CASE("an inventory is set as JSON or as lines, and tells who reports") {
    Hub hub;
    CHECK(hub.get("/api/v1/inventory").body == R"({"machines":[]})");
    hub.post("/v0.3/DATA/CFUTF8Type/clients", "10.0.0.1=" + std::to_string(hub.clock.now) + "&10.0.0.9=1");
    const Json set = Json::parse(
        put(hub, R"([{"machine":"10.0.0.1","name":"web \u00fc%41","group":"web"},{"machine":"i-7"}])",
            "application/json")
            .body)["machines"];
    REQUIRE(set.size() == 3);
    CHECK(set[0] ==
          Json::parse(R"({"machine":"10.0.0.1","name":"web \u00fc%41","group":"web","expected":true,)"
                      R"("client":"10.0.0.1","external":null,"last_seen":)" +
                      std::to_string(hub.clock.now) + R"(,"reports":true})"));
    CHECK(set[1] == Json::parse(R"({"machine":"i-7","name":null,"group":null,"expected":true,"client":null,)"
                                R"("external":null,"last_seen":null,"reports":false})"));
    CHECK(set[2]["machine"] == "10.0.0.9");
    CHECK(set[2]["expected"] == false);
    CHECK(set[2]["reports"] == false);
    // All of it is another now.
    const Answer again = put(hub, "# ours\n\n 10.0.0.9\tdb1  data \r\ni-8\n", "text/plain; charset=utf-8");
    CHECK(again.status == 200);
    const Json other = Json::parse(hub.get("/api/v1/inventory").body)["machines"];
    CHECK(Json::parse(again.body)["machines"] == other);
    REQUIRE(other.size() == 3);
    CHECK(other[0]["machine"] == "10.0.0.9");
    CHECK(other[0]["name"] == "db1");
    CHECK(other[0]["group"] == "data");
    CHECK(other[1]["machine"] == "i-8");
    CHECK(other[2]["machine"] == "10.0.0.1");
    CHECK(put(hub, "[]", "application/json").status == 200);
    CHECK(Json::parse(hub.get("/api/v1/inventory").body)["machines"].size() == 2);
}

TEST_CASE("what is wrong with an inventory is named, and leaves the one that is there") {
    Hub hub;
    CHECK(put(hub, "a", "text/plain").status == 200);
    struct Row {
        std::string body, type, message;
    };
    const std::string long_text(server::kMaxMachineText + 1, 'x');
    for (const Row& row : std::vector<Row>{
             {"{}", "application/json", "expected a list"},
             {"[", "application/json", "expected a list"},
             {R"([{"machine":"a"},7])", "application/json", "machine 2: expected an object"},
             {R"([{"name":"a"}])", "application/json", "machine 1: it has no machine"},
             {R"([{"machine":""}])", "application/json", "machine 1: it has no machine"},
             {R"([{"machine":5}])", "application/json", "machine 1: machine must be a text"},
             {R"([{"machine":"a","grop":"b"}])", "application/json", "machine 1: a machine has the members"},
             {R"([{"machine":"a"},{"machine":"a"}])", "application/json",
              "machine 2: the machine \\\"a\\\" was"},
             {"a b c\nb c d e\n", "text/plain", "line 2: expected MACHINE NAME GROUP"},
             {"a b c\n10.0.0.1,b,c\n", "text/plain",
              "line 2: expected MACHINE NAME GROUP with blanks between, and no"},
             {"a\n" + long_text, "text/plain", "line 2: expected texts of UTF-8 of at most 256 bytes"},
             {"a \xff", "text/plain", "line 1: expected texts of UTF-8"},
             {"a\n\na", "text/plain", "line 3: the machine"}}) {
        INFO(row.body.substr(0, 100));
        const Answer answer = put(hub, row.body, row.type);
        CHECK(answer.status == 400);
        INFO(answer.body);
        CHECK(answer.body.find(row.message) != std::string::npos);
    }
    CHECK(put(hub, "a=b", "application/x-www-form-urlencoded").status == 415);
    const Json kept = Json::parse(hub.get("/api/v1/inventory").body)["machines"];
    REQUIRE(kept.size() == 1);
    CHECK(kept[0]["machine"] == "a");
}
