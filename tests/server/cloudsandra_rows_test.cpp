#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;

namespace {

// Columns 1 … n of a row of numbers, each with the value of its name.
void fill(Hub& hub, const std::string& row, int n) {
    std::string body;
    for (int i = 1; i <= n; ++i) body += std::to_string(i) + "=" + std::to_string(i) + "&";
    REQUIRE(hub.post("/v0.3/DATA/CFLongType/" + row, body).status == 200);
}

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("a row comes in the order of its comparator, from a column on, so many at most") {
    Hub hub;
    fill(hub, "r", 12);
    const std::string row = "/v0.3/DATA/CFLongType/r";
    const std::vector<std::pair<std::string, std::string>> table{
        {"?limit=3", R"({"1":"1","2":"2","3":"3"})"},
        {"?fromKey=9", R"({"9":"9","10":"10","11":"11","12":"12"})"},
        {"?fromKey=9&limit=2", R"({"9":"9","10":"10"})"},
        {"?fromKey=&limit=1", R"({"1":"1"})"},
        {"?fromKey=13", "{}"},
        {"?fromKey=3&toKey=4", R"({"3":"3","4":"4"})"},
        {"?reversed=true&limit=2", R"({"12":"12","11":"11"})"},
        {"?reversed=true&fromKey=2", R"({"2":"2","1":"1"})"},
        {"?reversed=true&fromKey=9&toKey=8", R"({"9":"9","8":"8"})"},
        {"?whatever=1&limit=1", R"({"1":"1"})"},
    };
    for (const auto& [query, body] : table) {
        INFO(query);
        CHECK(hub.get(row + query).body == body);
    }
    CHECK(hub.get("/v0.3/DATA/CFLongType/none").body == "{}");
}

TEST_CASE("a slice that cannot be is a 400") {
    Hub hub;
    for (const std::string query :
         {"?limit=0", "?limit=-1", "?limit=ten", "?limit=100001", "?fromKey=abc", "?toKey=x"}) {
        const Answer answer = hub.get("/v0.3/DATA/CFLongType/r" + query);
        INFO(query << " -> " << answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"({"status":"400","message":"Bad Request","detail":")"));
    }
    CHECK(hub.get("/v0.3/DATA/CFNone/r").status == 400);
}

TEST_CASE("a long row is read in three pages of 1000, each from the last column of the one before") {
    Hub hub;
    fill(hub, "r", 2500);
    const std::string row = "/v0.3/DATA/CFLongType/r";
    const Answer first = hub.get(row);
    CHECK(count_of(first.body, ":") == 1000);
    CHECK(contains(first.body, R"("1000":"1000"})"));
    const Answer second = hub.get(row + "?fromKey=1000");
    CHECK(count_of(second.body, ":") == 1000);
    CHECK(contains(second.body, R"({"1000":"1000",)"));
    CHECK(contains(second.body, R"("1999":"1999"})"));
    CHECK(count_of(hub.get(row + "?fromKey=1999").body, ":") == 502);
    for (const std::string limit : {"2499", "2500", "2501", "100000"}) {
        const std::size_t expected = std::min<std::size_t>(2500, std::stoul(limit));
        CHECK(count_of(hub.get(row + "?limit=" + limit).body, ":") == expected);
        CHECK(count_of(hub.get(row + "?reversed=true&limit=" + limit).body, ":") == expected);
    }
}

TEST_CASE("rows and columns are deleted, and deleting what is not there succeeds") {
    Hub hub;
    fill(hub, "r", 3);
    CHECK(hub.del("/v0.3/DATA/CFLongType/r/2").body == R"({"status":"200","message":"Success"})");
    CHECK(hub.get("/v0.3/DATA/CFLongType/r").body == R"({"1":"1","3":"3"})");
    CHECK(hub.del("/v0.3/DATA/CFLongType/r").status == 200);
    CHECK(hub.get("/v0.3/DATA/CFLongType/r").body == "{}");
    CHECK(hub.del("/v0.3/DATA/CFLongType/r").status == 200);
    CHECK(hub.del("/v0.3/DATA/CFLongType/r/2").status == 200);
    CHECK(hub.del("/v0.3/DATA/CFNone/r").status == 400);
    CHECK(hub.del("/v0.3/DATA/CFLongType/r/abc").status == 400);
}
