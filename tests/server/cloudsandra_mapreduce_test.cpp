#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;

TEST_CASE("a job selects from an external table into another") {
    Hub hub;
    hub.post("/v0.3/DATA/CFLongType/a", "1=one+text&2=two&3=more+text+here");
    CHECK(
        hub.post("/v0.3/MAPREDUCE/table/CFLongType",
                 "type=external&rowMapping=rowkey&rowType=string&columnMapping=columnname&columnType=bigint&"
                 "valueMapping=value&valueType=string&cassandraColumnsMapping=%3Akey%2C%3Acolumn%2C%3Avalue")
            .status == 200);
    CHECK(hub.post("/v0.3/MAPREDUCE/table/found", "type=standard&rowMapping=rowkey").status == 200);
    CHECK(contains(hub.get("/v0.3/MAPREDUCE/table").body, R"("name":"found","type":"standard")"));
    const Answer answer =
        hub.post("/v0.3/MAPREDUCE/job",
                 "overwriteTable=found&fromTable=CFLongType&select=rowkey%2C+columnname%2C+value&"
                 "where=rowkey%3D'a'+AND+value+like+'%25text%25'");
    INFO(answer.body);
    CHECK(answer.status == 200);
    CHECK(contains(answer.body, R"("message":"Success","detail":"2 cells written, 3 looked at")"));
}

TEST_CASE("tables and jobs that cannot be are a 400") {
    Hub hub;
    CHECK(hub.post("/v0.3/MAPREDUCE/table/x", "type=other").status == 400);
    CHECK(hub.post("/v0.3/MAPREDUCE/table/x").status == 400);
    for (const std::string body :
         {"", "fromTable=CFLongType&overwriteTable=x", "overwriteTable=x&select=value",
          "overwriteTable=x&fromTable=none&select=value"}) {
        const Answer answer = hub.post("/v0.3/MAPREDUCE/job", body);
        INFO(body << " -> " << answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"("detail":")"));
    }
}

TEST_CASE("a job tells what is stored, so writing alone does not allow it") {
    Hub hub;
    hub.roles = server::role_ingest;
    CHECK(hub.post("/v0.3/MAPREDUCE/job", "overwriteTable=x&fromTable=y&select=value").status == 403);
}
