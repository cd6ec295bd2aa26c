#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;

TEST_CASE("steps of a counter come as a form") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"increment=5", "5"},
        {"increment=%2B5", "5"},
        {"increment=+5", "5"},
        {"increment=", "1"},
        {"increment", "1"},
        {"decrement=", "-1"},
        {"decrement=3", "-3"},
        {"increment=-2", "-2"},
        {"decrement=-2", "2"},
        {"increment=0", "0"},
        {"increment=9223372036854775807", "9223372036854775807"},
        {"increment=-9223372036854775808", "-9223372036854775808"},
        {"decrement=9223372036854775807", "-9223372036854775807"},
    };
    for (const auto& [body, value] : table) {
        Hub hub;
        const Answer answer = hub.post("/v0.3/COUNTER/connections/connections-live", body);
        INFO(body << " -> " << answer.body);
        CHECK(answer.body == R"({"status":"200","message":"Success"})");
        CHECK(hub.get("/v0.3/COUNTER/connections/connections-live").body ==
              R"({"connections-live":")" + value + R"("})");
    }
}

TEST_CASE("a step that is none is a 400 and counts nothing") {
    Hub hub;
    for (const std::string body :
         {"", "n=1", "increment=1&decrement=1", "increment=1&increment=1", "increment=abc", "increment=1.5",
          "increment=%2B", "increment=%2B-1", "increment=--1", "increment=9223372036854775808",
          "decrement=-9223372036854775808", R"({"increment":1})"}) {
        const Answer answer = hub.post("/v0.3/COUNTER/r/c", body);
        INFO(body << " -> " << answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"({"status":"400","message":"Bad Request","detail":")"));
    }
    CHECK(hub.get("/v0.3/COUNTER/r/c").body == R"({"c":"0"})");
}

TEST_CASE("a row's counters are paged like a row") {
    Hub hub;
    for (const std::string column : {"c", "a", "b"}) hub.post("/v0.3/COUNTER/r/" + column, "increment=2");
    CHECK(hub.get("/v0.3/COUNTER/r").body == R"({"a":"2","b":"2","c":"2"})");
    CHECK(hub.get("/v0.3/COUNTER/r?limit=2").body == R"({"a":"2","b":"2"})");
    CHECK(hub.get("/v0.3/COUNTER/r?fromKey=b&limit=1").body == R"({"b":"2"})");
    CHECK(hub.get("/v0.3/COUNTER/none").body == "{}");
    CHECK(hub.get("/v0.3/COUNTER/r?limit=0").status == 400);
}

TEST_CASE("bulk counters count all or nothing") {
    Hub hub;
    CHECK(hub.post("/v0.3/COUNTER", R"({"rowkeys":[{"rowkey":"r","columns":[{"columnname":"a","increment":2},
        {"columnname":"a","increment":"3"},{"columnname":"b"},{"columnname":"c","decrement":4}]}]})")
              .status == 200);
    CHECK(hub.get("/v0.3/COUNTER/r").body == R"({"a":"5","b":"1","c":"-4"})");
    const Answer answer = hub.post("/v0.3/COUNTER", R"({"rowkeys":[{"rowkey":"r","columns":[
        {"columnname":"a","increment":2},{"columnname":"b","increment":"x"}]}]})");
    CHECK(answer.status == 400);
    CHECK(contains(answer.body, R"("errors":[{"rowkey":"r","columnname":"b","reason":")"));
    CHECK(hub.post("/v0.3/COUNTER", "increment=1").status == 400);
    CHECK(hub.get("/v0.3/COUNTER/r").body == R"({"a":"5","b":"1","c":"-4"})");
}

TEST_CASE("counters can be taken away, one or all of a row") {
    Hub hub;
    hub.post("/v0.3/COUNTER/r/a", "increment=1");
    hub.post("/v0.3/COUNTER/r/b", "increment=1");
    hub.post("/v0.3/COUNTER/r/c", "increment=1");
    CHECK(hub.del("/v0.3/COUNTER/r/b").status == 200);
    CHECK(hub.get("/v0.3/COUNTER/r").body == R"({"a":"1","c":"1"})");
    CHECK(hub.del("/v0.3/COUNTER/r").status == 200);
    CHECK(hub.get("/v0.3/COUNTER/r").body == "{}");
    CHECK(hub.del("/v0.3/COUNTER/r").status == 200);
}

namespace {

const std::string kDay = "c:logs:app:2011:10:21";

void post_lines(Hub& hub, const std::string& text) {
    REQUIRE(
        hub.post("/api/v1/logs?client=c&log=app&time=1321900000000", text, {{"content-type", "text/plain"}})
            .status == 200);
}

std::string count_of(Hub& hub, const std::string& word, const std::string& row = kDay) {
    return hub.get("/v0.3/COUNTER/" + row + "/" + word).body;
}

}  // namespace

TEST_CASE("words of a log's day are counted like counters") {
    Hub hub;
    post_lines(hub, "Failed login, failed again\nlogin of root\n");
    REQUIRE(hub.store().seal().ok());
    post_lines(hub, "FAILED to reach 10.0.0.1\nfailed_over\n");
    hub.post("/v0.3/DATA/CFLongType/" + kDay, "1321900000500=posted+failed+one");
    CHECK(count_of(hub, "failed") == R"({"failed":"4"})");
    CHECK(count_of(hub, "FAILED") == R"({"FAILED":"4"})");
    CHECK(count_of(hub, "login") == R"({"login":"2"})");
    CHECK(count_of(hub, "10") == R"({"10":"1"})");
    for (const std::string none : {"nowhere", "fail", "failed%20login", "failed_over", "-", "*"})
        CHECK(contains(count_of(hub, none), R"(":"0"})"));
    CHECK(count_of(hub, "failed", "c:logs:app:2011:10:22") == R"({"failed":"0"})");
    CHECK(count_of(hub, "failed", "c:plugins:app:2011:10:21") == R"({"failed":"0"})");
    CHECK(count_of(hub, "failed", "failed") == R"({"failed":"0"})");
    // Words are no counters of the row.
    CHECK(hub.get("/v0.3/COUNTER/" + kDay).body == "{}");
}

TEST_CASE("a counter that was posted comes before a word") {
    Hub hub;
    post_lines(hub, "logs of login\nlogs\n");
    CHECK(count_of(hub, "logs") == R"({"logs":"2"})");
    hub.post("/v0.3/COUNTER/" + kDay + "/logs", "increment=7");
    CHECK(count_of(hub, "logs") == R"({"logs":"7"})");
    hub.post("/v0.3/COUNTER/" + kDay + "/logs", "decrement=7");
    CHECK(count_of(hub, "logs") == R"({"logs":"0"})");
    CHECK(count_of(hub, "login") == R"({"login":"1"})");
    hub.del("/v0.3/COUNTER/" + kDay + "/logs");
    CHECK(count_of(hub, "logs") == R"({"logs":"2"})");
}

TEST_CASE("a count of a word that runs into a limit is no count") {
    Hub hub;
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "word " + std::to_string(i) + "\n";
    post_lines(hub, text);
    hub.config.query_max_lines = 100;
    const Answer answer = hub.get("/v0.3/COUNTER/" + kDay + "/word");
    CHECK(answer.status == 422);
    CHECK(contains(answer.body, "query_max_lines"));
}
