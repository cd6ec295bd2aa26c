#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::Hub;
using Json = nlohmann::json;

namespace {

Json last_line(const std::string& text) {
    REQUIRE(!text.empty());
    REQUIRE(text.back() == '\n');
    const std::size_t begin = text.rfind('\n', text.size() - 2);
    return Json::parse(text.substr(begin == std::string::npos ? 0 : begin + 1));
}

}  // namespace

TEST_CASE("long work tells how it goes and how it ended") {
    Hub hub;
    hub.post("/v0.3/DATA/CFLongType/r", "1=a&2=b");
    for (const std::string work : {"compact", "verify", "backup"}) {
        const Answer answer = hub.post("/api/v1/admin/" + work);
        INFO(work << " -> " << answer.body);
        CHECK(answer.status == 200);
        CHECK(answer.content_type == "application/x-ndjson");
        CHECK(last_line(answer.body)["result"] == "ok");
        CHECK(hub.post("/api/v1/admin/" + work + "?fast=true").status == 400);
    }
    CHECK(last_line(hub.post("/api/v1/admin/verify").body)["cells"] == 2);
}

TEST_CASE("backups are listed, none where there is none") {
    Hub hub;
    CHECK(hub.get("/api/v1/admin/backups").body == R"({"backups":[]})");
    const Json made = last_line(hub.post("/api/v1/admin/backup").body);
    const Json listed = Json::parse(hub.get("/api/v1/admin/backups").body)["backups"];
    REQUIRE(listed.size() == 1);
    CHECK(listed[0]["id"] == made["id"]);
    CHECK(listed[0]["bytes"] == made["bytes"]);
}

TEST_CASE("work that fails says why in its last line") {
    Hub hub;
    hub.config.backup_dir = "/proc/nowhere/backups";
    const Json last = last_line(hub.post("/api/v1/admin/backup").body);
    CHECK(last["result"] == "error");
    CHECK(last["code"].get<std::string>() != "");
    CHECK(last["message"].get<std::string>() != "");
}
