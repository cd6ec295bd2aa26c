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
    for (const std::string work : {"compact", "verify", "reindex", "backup"}) {
        const Answer answer = hub.post("/api/v1/admin/" + work);
        INFO(work << " -> " << answer.body);
        CHECK(answer.status == 200);
        CHECK(answer.content_type == "application/x-ndjson");
        CHECK(last_line(answer.body)["result"] == "ok");
        CHECK(hub.post("/api/v1/admin/" + work + "?fast=true").status == 400);
    }
    CHECK(last_line(hub.post("/api/v1/admin/verify").body)["cells"] == 2);
}

TEST_CASE("work that runs is told to others while it does, with how far it is") {
    Hub hub;
    hub.post("/v0.3/DATA/CFLongType/r", "1=a&2=b");
    const auto running = [&hub] { return Json::parse(hub.get("/api/v1/admin/work").body)["work"]; };
    CHECK(running().empty());
    std::uint64_t last = 0;
    for (const std::string work : {"compact", "verify", "reindex", "backup", "retention"}) {
        INFO(work);
        int seen = 0;
        hub.stream_written = [&](std::string_view piece) {
            const Json told = Json::parse(piece);
            if (!told.contains("stage")) return;
            const Json now = running();
            REQUIRE(now.size() == 1);
            ++seen;
            CHECK(now[0]["id"] == told["work"]);
            CHECK(now[0]["what"] == work);
            CHECK(now[0]["token"] == "token");
            CHECK(now[0]["begun"] == hub.clock.now.load());
            for (const char* name : {"stage", "done", "total", "unit"}) CHECK(now[0][name] == told[name]);
            last = told["work"];
        };
        hub.post("/api/v1/admin/" + work + (work == "retention" ? "?keep=1d" : ""));
        hub.stream_written = nullptr;
        CHECK(seen > 0);
        CHECK(running().empty());
    }
    CHECK(last == 5);
    hub.context.running_work = nullptr;
    CHECK(hub.get("/api/v1/admin/work").status == 503);
}

TEST_CASE("blocks of the rows that are asked for are made anew") {
    Hub hub;
    for (const std::string client : {"a", "b"}) {
        for (const std::string day : {"1321900000000", "1321800000000"}) {
            REQUIRE(hub.post("/api/v1/logs?client=" + client + "&log=/var/log/app&time=" + day,
                             "one\ntwo 2\n", {{"content-type", "text/plain"}})
                        .status == 200);
        }
    }
    REQUIRE(hub.store().seal().ok());
    const auto rebuilt = [&](const std::string& query) {
        const Answer answer = hub.post("/api/v1/admin/reindex?" + query);
        INFO(query << " -> " << answer.body);
        const Json last = last_line(answer.body);
        CHECK(last["result"] == "ok");
        CHECK(last["problem_count"] == 0);
        CHECK(last["sums"] == 0);
        return last["rebuilt"].get<int>();
    };
    CHECK(rebuilt("") == 0);
    CHECK(rebuilt("all=true") == 4);
    CHECK(rebuilt("all=true&client=a") == 2);
    CHECK(rebuilt("all=true&log=/var/*") == 4);
    CHECK(rebuilt("all=true&log=app") == 0);
    CHECK(rebuilt("all=true&kind=logs&from=2011-11-21") == 2);
    CHECK(rebuilt("all=true&kind=plugins") == 0);
    CHECK(rebuilt("all=true&row=b:logs:_var_log_app:2011:10:20&family=CFLongType") == 1);
    CHECK(last_line(hub.post("/api/v1/admin/verify").body)["blocks"] == 4);
    for (const std::string query : {"all=maybe", "kind=lines", "from=2&to=1", "damaged=true"})
        CHECK(hub.post("/api/v1/admin/reindex?" + query).status == 400);
    CHECK(hub.post("/api/v1/admin/reindex?family=none").status == 404);
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
