#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;

namespace {

const std::string kSuccess = R"({"status":"200","message":"Success"})";

}  // namespace

TEST_CASE("families are created, listed, shown and dropped") {
    Hub hub;
    CHECK(hub.post("/v0.3/COLUMNFAMILY/CFTest/UTF8Type").body == kSuccess);
    CHECK(hub.post("/v0.3/COLUMNFAMILY/CFTest/UTF8Type").body == kSuccess);  // again: no change
    CHECK(hub.get("/v0.3/COLUMNFAMILY/CFTest").body ==
          R"({"name":"CFTest","comparator":"UTF8Type","columns":[]})");
    const Answer list = hub.get("/v0.3/COLUMNFAMILY");
    CHECK(list.status == 200);
    CHECK(list.body == R"({"columnfamilies":[{"name":"CFLongType","comparator":"LongType","columns":[]},)"
                       R"({"name":"CFTest","comparator":"UTF8Type","columns":[]},)"
                       R"({"name":"CFUTF8Type","comparator":"UTF8Type","columns":[]}]})");
    CHECK(hub.del("/v0.3/COLUMNFAMILY/CFTest").body == kSuccess);
    CHECK(hub.get("/v0.3/COLUMNFAMILY/CFTest").status == 404);
}

TEST_CASE("every comparator of the old API is known") {
    for (const std::string type :
         {"UTF8Type", "ASCIIType", "LongType", "IntegerType", "UUIDType", "TimeUUIDType"}) {
        Hub hub;
        CHECK(hub.post("/v0.3/COLUMNFAMILY/CFNew/" + type).body == kSuccess);
        CHECK(contains(hub.get("/v0.3/COLUMNFAMILY/CFNew").body, R"("comparator":")" + type + '"'));
    }
}

TEST_CASE("what is wrong with a family is a 400 that says what") {
    Hub hub;
    const std::vector<std::pair<std::string, std::string>> table{
        {"/v0.3/COLUMNFAMILY/CFTest/BytesType", "BytesType"},
        {"/v0.3/COLUMNFAMILY/CFLongType/UTF8Type", "CFLongType"},  // another comparator
        {"/v0.3/COLUMNFAMILY/bad-name/UTF8Type", "bad-name"},
        {"/v0.3/COLUMN/CFNone/state/UTF8Type", "CFNone"},
        {"/v0.3/COLUMN/CFUTF8Type/state/NoType", "NoType"},
    };
    for (const auto& [target, named] : table) {
        const Answer answer = hub.post(target);
        INFO(target << " -> " << answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"("status":"400","message":"Bad Request","detail":")"));
        CHECK(contains(answer.body, named));
    }
    CHECK(hub.del("/v0.3/COLUMNFAMILY/CFNone").status == 400);
}

TEST_CASE("columns are declared with a type and an index, which may go again") {
    Hub hub;
    CHECK(hub.post("/v0.3/COLUMN/CFUTF8Type/state/UTF8Type", "isIndex=true").body == kSuccess);
    CHECK(contains(hub.get("/v0.3/COLUMNFAMILY/CFUTF8Type").body,
                   R"("columns":[{"name":"state","type":"UTF8Type","isIndex":true}])"));
    CHECK(hub.post("/v0.3/COLUMN/CFUTF8Type/state/UTF8Type").body == kSuccess);  // says nothing of the index
    CHECK(contains(hub.get("/v0.3/COLUMNFAMILY/CFUTF8Type").body, R"("isIndex":true)"));
    CHECK(hub.post("/v0.3/COLUMN/CFUTF8Type/state/UTF8Type", "isIndex=false").body == kSuccess);
    CHECK(contains(hub.get("/v0.3/COLUMNFAMILY/CFUTF8Type").body, R"("isIndex":false)"));
    CHECK(hub.post("/v0.3/COLUMN/CFUTF8Type/state/UTF8Type", "isIndex=perhaps").status == 400);
}
