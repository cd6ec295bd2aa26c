#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;

namespace {

const std::string kSuccess = R"({"status":"200","message":"Success"})";
const std::string kDay = "/v0.3/DATA/CFLongType/10.0.0.1:logs:_var_log_syslog:2011:10:21";

}  // namespace

TEST_CASE("a single post upserts the columns of its form") {
    Hub hub;
    CHECK(hub.post("/v0.3/DATA/CFUTF8Type/clients", "10.0.0.1=1321900000000&10.0.0.2=5").body == kSuccess);
    CHECK(hub.post("/v0.3/DATA/CFUTF8Type/clients", "10.0.0.2=6&%C3%BC+b=a%26b%3Dc").body == kSuccess);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/clients").body ==
          R"({"10.0.0.1":"1321900000000","10.0.0.2":"6","ü b":"a&b=c"})");
    CHECK(hub.told().empty());
}

TEST_CASE("values come back byte for byte") {
    Hub hub;
    const std::string escaped = "%7B%22date%22%3A1%2C%22returned%22%3A%22%u20AC%0A%22%7D";
    std::string body = "1=";
    for (const char c : escaped) body += c == '%' ? std::string("%25") : std::string(1, c);
    CHECK(hub.post(kDay, body).body == kSuccess);
    CHECK(hub.get(kDay).body == R"({"1":")" + escaped + R"("})");
    CHECK(hub.post("/v0.3/DATA/CFUTF8Type/raw", "a=%FF%00%22").body == kSuccess);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/raw").body == R"({"a":"\udcff\u0000\""})");
}

TEST_CASE("a percent-encoded row is the same as the plain one, and '/' is no more than a byte") {
    Hub hub;
    CHECK(hub.post("/v0.3/DATA/CFUTF8Type/a%3Ab%2Fc%2e-_", "x=1").body == kSuccess);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/a:b%2fc.-_").body == R"({"x":"1"})");
    CHECK(hub.del("/v0.3/DATA/CFUTF8Type/a:b%2Fc.-%5F/x").body == kSuccess);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/a:b%2Fc.-_").body == "{}");
}

TEST_CASE("a single post with a bad column names it and stores nothing") {
    Hub hub;
    const Answer answer = hub.post(kDay, "1=a&abc=b&2=c");
    CHECK(answer.status == 400);
    CHECK(contains(answer.body,
                   R"("errors":[{"rowkey":"10.0.0.1:logs:_var_log_syslog:2011:10:21","columnname":"abc")"));
    CHECK(hub.get(kDay).body == "{}");
    const std::vector<std::pair<std::string, std::string>> table{
        {kDay, ""},
        {kDay + "?ttl=-1", "1=a"},
        {kDay + "?ttl=soon", "1=a"},
        {kDay + "?ttl=99999999999", "1=a"},
        {"/v0.3/DATA/CFNone/row", "1=a"},
    };
    for (const auto& [target, body] : table) {
        const Answer bad = hub.post(target, body);
        INFO(target << " -> " << bad.body);
        CHECK(bad.status == 400);
        CHECK(contains(bad.body, R"("status":"400")"));
        CHECK(contains(bad.body, R"("detail":")"));
    }
    CHECK(hub.get(kDay).body == "{}");
}

TEST_CASE("a ttl hides columns once it is over; 0 and none are none") {
    Hub hub;
    CHECK(hub.post(kDay + "?ttl=10", "1=a").body == kSuccess);
    CHECK(hub.post(kDay + "?ttl=0", "2=b").body == kSuccess);
    CHECK(hub.post(kDay + "?ttl=", "3=c").body == kSuccess);
    hub.clock.now += 9999;
    CHECK(hub.get(kDay).body == R"({"1":"a","2":"b","3":"c"})");
    hub.clock.now += 2;
    CHECK(hub.get(kDay).body == R"({"2":"b","3":"c"})");
}

TEST_CASE("realtime=true publishes what was stored, after it was") {
    Hub hub;
    hub.post("/v0.3/DATA/CFUTF8Type/r?realtime=true", "a=1&b=2");
    hub.post("/v0.3/DATA/CFUTF8Type/r?realtime=false", "a=3");
    hub.post("/v0.3/DATA/CFLongType/r?realtime=true", "a=1");  // refused
    hub.post(
        "/v0.3/DATA/CFLongType?realtime=true",
        R"({"rowkeys":[{"rowkey":"x","columns":[{"columnname":1,"columnvalue":2},{"columnname":"z","columnvalue":2}]}]})");
    CHECK(hub.told() == std::vector<std::string>{"CFUTF8Type/r a=1", "CFUTF8Type/r b=2",
                                                    "CFLongType/x 1=2"});
}

TEST_CASE("a bulk post stores rows and columns, strings and numbers, and the last of the same wins") {
    Hub hub;
    const Answer answer = hub.post("/v0.3/DATA/CFLongType", R"({"rowkeys":[
        {"rowkey":"a","columns":[{"columnname":"2","columnvalue":"x"},{"columnname":1,"columnvalue":1.50,"ttl":"5"}]},
        {"rowkey":"b","columns":[{"columnname":3,"columnvalue":"y","ttl":0}]},
        {"rowkey":"a","columns":[{"columnname":2,"columnvalue":"z"}]}]})");
    CHECK(answer.body == kSuccess);
    CHECK(hub.get("/v0.3/DATA/CFLongType/a").body == R"({"1":"1.50","2":"z"})");
    CHECK(hub.get("/v0.3/DATA/CFLongType/b").body == R"({"3":"y"})");
    hub.clock.now += 6000;
    CHECK(hub.get("/v0.3/DATA/CFLongType/a").body == R"({"2":"z"})");
}

TEST_CASE("a bulk post with bad columns stores the good ones and names the others") {
    Hub hub;
    const std::string body = R"({"rowkeys":[{"rowkey":"a","columns":[
        {"columnname":"abc","columnvalue":"x"},{"columnname":1,"columnvalue":"y"},{"columnname":2,"columnvalue":{}}]}]})";
    for (int times = 0; times < 2; ++times) {
        const Answer answer = hub.post("/v0.3/DATA/CFLongType", body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"("detail":"2 of 3 columns)"));
        CHECK(contains(answer.body, R"({"rowkey":"a","columnname":"abc","reason":")"));
        CHECK(contains(answer.body, R"({"rowkey":"a","columnname":"2","reason":")"));
        CHECK(hub.get("/v0.3/DATA/CFLongType/a").body == R"({"1":"y"})");
    }
}

TEST_CASE("a bulk body of another shape stores nothing") {
    Hub hub;
    for (const std::string body :
         {"", "a=b", "[]", R"({"rowkeys":{}})", R"({"rows":[]})",
          R"({"rowkeys":[{"rowkey":"a","columns":[{"columnname":1,"columnvalue":"y"}]})"}) {
        const Answer answer = hub.post("/v0.3/DATA/CFLongType", body);
        INFO(body << " -> " << answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"("detail":")"));
    }
    CHECK(hub.get("/v0.3/DATA/CFLongType/a").body == "{}");
    CHECK(hub.post("/v0.3/DATA/CFNone", R"({"rowkeys":[]})").status == 400);
}

TEST_CASE("a bulk post of a time family counts the new cells of its day rows") {
    Hub hub;
    const std::string body =
        R"({"rowkeys":[{"rowkey":"10.0.0.1:logs:a:2011:10:21","columns":[{"columnname":1,"columnvalue":"x"},{"columnname":2,"columnvalue":"x"}]},)"
        R"({"rowkey":"10.0.0.1:plugins:df:2011:10:21","columns":[{"columnname":1,"columnvalue":"x"}]}]})";
    hub.post("/v0.3/DATA/CFLongType", body);
    hub.post("/v0.3/DATA/CFLongType", body);
    CHECK(hub.get("/v0.3/COUNTER/10.0.0.1:logs:a:2011:10:21").body == R"({"logs":"2"})");
    CHECK(hub.get("/v0.3/COUNTER/10.0.0.1:plugins:df:2011:10:21").body == R"({"plugins":"1"})");
    hub.post("/v0.3/DATA/CFLongType/10.0.0.1:logs:a:2011:10:21", "3=x");  // an agent counts these itself
    CHECK(hub.get("/v0.3/COUNTER/10.0.0.1:logs:a:2011:10:21").body == R"({"logs":"2"})");
}
