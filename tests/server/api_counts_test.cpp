#include <map>
#include <nlohmann/json.hpp>

#include "server/query_run.h"
#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;
using Json = nlohmann::json;

namespace {

void fill(Hub& hub) {
    const std::string text = "error one\nerror two\nall is well\n";
    for (int hour = 0; hour < 3; ++hour) {
        const std::string time = std::to_string(1321900000000 - hour * 3600000);
        REQUIRE(hub.post("/api/v1/logs?client=c" + std::to_string(hour) + "&log=app&time=" + time, text,
                         {{"content-type", "text/plain; charset=utf-8"}})
                    .status == 200);
    }
}

}  // namespace

TEST_CASE("a histogram counts matching lines by time, and by where they come from") {
    Hub hub;
    fill(hub);
    const Json plain =
        Json::parse(hub.get("/api/v1/histogram?q=error&step=1h&from=1321891200000&to=1321902000000").body);
    CHECK(plain["step"] == 3600000);
    CHECK(plain["total"] == 6);
    REQUIRE(plain["buckets"].size() == 3);
    CHECK(plain["buckets"][0] == Json{{"time", 1321891200000}, {"count", 2}});
    CHECK(Json::parse(hub.get("/api/v1/histogram?q=error&step=1h&within=1h").body)["total"] == 6);
    const Json by = Json::parse(hub.get("/api/v1/histogram?step=1h&by=client").body);
    CHECK(by["by"] == "client");
    CHECK(by["series"].size() == 3);
    CHECK(by["total"] == 9);
    for (const std::string query :
         {"step=0", "step=often", "by=client&bye=log", "q=%22", "within=soon", "within=0"}) {
        CHECK(hub.get("/api/v1/histogram?" + query).status == 400);
    }
}

TEST_CASE("words come with the number of lines that have them") {
    Hub hub;
    fill(hub);
    const Json answer = Json::parse(hub.get("/api/v1/words?q=error&limit=2").body);
    REQUIRE(answer["words"].size() == 2);
    CHECK(answer["words"][0] == Json{{"word", "error"}, {"count", 6}});
    CHECK(answer["stats"]["complete"] == true);
    CHECK(hub.get("/api/v1/words?limit=10001").status == 400);
}

TEST_CASE("words are completed from their beginning") {
    Hub hub;
    fill(hub);
    const auto words = [&](const std::string& query) {
        return Json::parse(hub.get("/api/v1/words?" + query).body)["words"];
    };
    CHECK(words("prefix=Er") == Json{{{"word", "error"}, {"count", 6}}});
    CHECK(words("prefix=t&q=error") == Json{{{"word", "two"}, {"count", 3}}});
    CHECK(words("prefix=zz").empty());
    for (const std::string wrong : {"a%20b", "-", "a.b", "%22"}) {
        const Answer answer = hub.get("/api/v1/words?prefix=" + wrong);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, "prefix: expected the beginning of a word"));
    }
}

TEST_CASE("the fields of matching lines come with their frequent values") {
    Hub hub;
    fill(hub);
    const Json answer = Json::parse(hub.get("/api/v1/fields?q=error&values=1").body);
    REQUIRE(answer["fields"].size() == 3);
    CHECK(answer["fields"][0] == Json{{"name", "client"},
                                      {"lines", 6},
                                      {"distinct", 3},
                                      {"complete", true},
                                      {"values", {{{"value", "c0"}, {"count", 2}}}}});
    CHECK(answer["fields"][2]["name"] == "level");
    CHECK(answer["stats"]["complete"] == true);
    for (const std::string wrong :
         {"values=0", "values=1001", "within=soon", "within=0", "limit=1", "q=%22"}) {
        INFO(wrong);
        CHECK(hub.get("/api/v1/fields?" + wrong).status == 400);
    }
}

TEST_CASE("a query ends within the time that was asked for, which is no limit of the server") {
    Hub hub;
    const auto ended_by = [&](std::chrono::milliseconds within) {
        server::QueryRun run(
            hub.context, [] { return false; }, within);
        while (run.execution().go_on()) {
        }
        CHECK(run.finish(Result<int>(1)).ok());
        return run.stats().stopped_by;
    };
    const auto hits = [&] { return hub.metrics.limit_hits("query_timeout") > 0; };
    CHECK(ended_by(std::chrono::milliseconds(1)) == "within");
    CHECK_FALSE(hits());
    hub.config.query_timeout = std::chrono::milliseconds(1);
    CHECK(ended_by(std::chrono::seconds(1)) == "query_timeout");
    CHECK(hits());
}

TEST_CASE("words of one row are those of its lines") {
    Hub hub;
    fill(hub);
    const std::string day = "client=c1&log=app&day=2011-11-21T17:00:00Z";
    const auto words = [&](const std::string& query) {
        const Answer answer = hub.get("/api/v1/words?" + query);
        INFO(query << " -> " << answer.body);
        REQUIRE(answer.status == 200);
        std::map<std::string, int> out;
        const Json parsed = Json::parse(answer.body);
        for (const Json& word : parsed["words"]) out[word["word"]] = word["count"];
        return out;
    };
    for (int sealed = 0; sealed < 2; ++sealed) {
        const std::map<std::string, int> all{{"error", 2}, {"one", 1}, {"two", 1},
                                             {"all", 1},   {"is", 1},  {"well", 1}};
        CHECK(words(day) == all);
        CHECK(words("client=c1&log=%61pp&day=1321850000000") == all);
        CHECK(words("row=c1:logs:app:2011:10:21") == all);
        CHECK(words("row=c1:logs:app:2011:10:21&q=error&family=CFLongType") ==
              std::map<std::string, int>{{"error", 2}, {"one", 1}, {"two", 1}});
        CHECK(words("row=c1:logs:app:2011:10:21&limit=1") == std::map<std::string, int>{{"error", 2}});
        CHECK(words("row=c1:logs:app:2011:10:21&to=1321896400000").empty());
        CHECK(words("row=c1:logs:app:2011:10:2").empty());
        CHECK(words("client=c1&log=app&day=2011-11-20").empty());
        REQUIRE(hub.store().seal().ok());
    }
    for (const std::string query : {"client=c1", "client=c1&log=app", "log=app&day=2011-11-21",
                                    "row=r&client=c1", "day=noon", "client=c1&log=app&day=noon", "rows=r"}) {
        INFO(query);
        CHECK(hub.get("/api/v1/words?" + query).status == 400);
    }
}

TEST_CASE("the lines around a line") {
    Hub hub;
    fill(hub);
    const Json page = Json::parse(hub.get("/api/v1/search?q=two&limit=1").body);
    const std::string id = page["entries"][0]["id"];
    const Json around = Json::parse(hub.get("/api/v1/context?id=" + id + "&before=1&after=1").body);
    REQUIRE(around["entries"].size() == 3);
    CHECK(around["entries"][0]["line"] == "error one");
    CHECK(around["entries"][1]["id"] == id);
    CHECK(around["entries"][2]["line"] == "all is well");
    CHECK(Json::parse(hub.get("/api/v1/context?id=" + id + "&before=0&after=0").body)["entries"].size() == 1);
    CHECK(hub.get("/api/v1/context").status == 400);
    CHECK(hub.get("/api/v1/context?id=zzz").status == 400);
    CHECK(hub.get("/api/v1/context?id=" + id + "&before=10001").status == 400);
}
