#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;
using Json = nlohmann::json;

namespace {

Hub::Headers typed(const std::string& type) {
    return {{"content-type", type}};
}

Json search(Hub& hub, const std::string& query = "") {
    return Json::parse(hub.get("/api/v1/search?order=asc&" + query).body)["entries"];
}

}  // namespace

TEST_CASE("lines come as JSON in three dresses, or as text") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"application/x-ndjson",
         "{\"host\":\"c\",\"file\":\"l\",\"msg\":\"a\"}\n{\"host\":\"c\",\"file\":\"l\",\"msg\":\"b\"}\n"},
        {"application/json", R"([{"client":"c","log":"l","_msg":"a"},{"client":"c","log":"l","_msg":"b"}])"},
        {"application/stream+json", R"({"host":"c","log":"l","line":"a"}{"host":"c","log":"l","line":"b"})"},
        {"Application/JSON ; charset=utf-8", R"({"client":"c","log":"l","message":"a\nb"})"},
        {"text/plain", "a\r\nb"},
    };
    for (const auto& [type, body] : table) {
        Hub hub;
        const Answer answer = hub.post("/api/v1/logs?client=c&log=l", body, typed(type));
        INFO(type << " -> " << answer.body);
        CHECK(answer.status == 200);
        CHECK(Json::parse(answer.body)["rejected"] == 0);
        const Json entries = search(hub);
        REQUIRE(entries.size() == 2);
        CHECK(entries[0]["line"] == "a");
        CHECK(entries[1]["line"] == "b");
        CHECK(entries[1]["client"] == "c");
        CHECK(entries[1]["time"] == hub.clock.now.load());
    }
}

TEST_CASE("good lines are kept, bad ones are named") {
    Hub hub;
    const Answer mixed =
        hub.post("/api/v1/logs?client=c&log=l", "{\"msg\":\"a\"}\nnonsense\n{\"msg\":\"b\"}\n",
                 typed("application/x-ndjson"));
    CHECK(mixed.status == 200);
    const Json report = Json::parse(mixed.body);
    CHECK(report["accepted"] == 2);
    CHECK(report["rejected"] == 1);
    CHECK(report["errors"][0]["line"] == 2);
    const Answer bad = hub.post("/api/v1/logs", "{\"msg\":\"a\"}\n", typed("application/x-ndjson"));
    CHECK(bad.status == 400);
    CHECK(Json::parse(bad.body)["rejected"] == 1);
    CHECK(Json::parse(bad.body)["error"]["code"] == "invalid_argument");
    CHECK(hub.post("/api/v1/logs?client=c&log=l", "", typed("application/x-ndjson")).status == 200);
    const std::string metrics = hub.metrics.text(hub.store().stats());
    CHECK(contains(metrics, "nmstore_lines_accepted_total 2"));
    CHECK(contains(metrics, "nmstore_lines_rejected_total 2"));
}

TEST_CASE("fields may have other names") {
    Hub hub;
    const Answer answer = hub.post(
        "/api/v1/logs?time_field=ts,when&line_field=text&client_field=node&log_field=unit",
        R"({"when":1000,"text":"x","node":"n","unit":"u","msg":"stays"})", typed("application/json"));
    CHECK(answer.status == 200);
    const Json entries = search(hub);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0]["line"] == "x");
    CHECK(entries[0]["client"] == "n");
    CHECK(entries[0]["fields"]["msg"] == "stays");
}

TEST_CASE("a batch with an origin is taken once") {
    Hub hub;
    Hub::Headers headers = typed("text/plain");
    headers.emplace_back("nm-source", "agent-1");
    headers.emplace_back("nm-sequence", "1");
    const std::string target = "/api/v1/logs?client=c&log=l";
    CHECK(!contains(hub.post(target, "a\n", headers).body, "repeated"));
    CHECK(contains(hub.post(target, "a\n", headers).body, R"("repeated":true)"));
    CHECK(search(hub).size() == 1);
    headers.back().second = "2";
    CHECK(hub.post(target, "b\n", headers).status == 200);
    CHECK(search(hub).size() == 2);
    headers.back().second = "0";
    CHECK(hub.post(target, "c\n", headers).status == 400);
    headers.pop_back();
    CHECK(hub.post(target, "c\n", headers).status == 400);
    CHECK(search(hub).size() == 2);
}

TEST_CASE("what cannot be read as a whole stores nothing") {
    Hub hub;
    const std::string target = "/api/v1/logs?client=c&log=l";
    CHECK(hub.post(target, "a\n").status == 415);
    CHECK(hub.post(target, "a\n", typed("application/x-www-form-urlencoded")).status == 415);
    Hub::Headers packed = typed("text/plain");
    packed.emplace_back("content-encoding", "br");
    CHECK(hub.post(target, "a\n", packed).status == 415);
    packed.back().second = "gzip";
    CHECK(hub.post(target, "no gzip", packed).status == 400);
    CHECK(hub.post("/api/v1/logs?log=l", "a\n", typed("text/plain")).status == 400);
    CHECK(hub.post("/api/v1/logs?client=c&log=l&clinet=d", "a\n", typed("text/plain")).status == 400);
    CHECK(hub.post(target + "&time_field=,", "{}", typed("application/json")).status == 400);
    CHECK(search(hub).empty());
}

TEST_CASE("a packed body is unpacked, but not beyond the limit for bodies") {
    Hub hub;
    const std::string packed(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xe4\x4a\xe2\x02\x00\x97\x2a\x57\x18\x04\x00\x00\x00",
        24);  // "a\nb\n"
    Hub::Headers headers = typed("text/plain");
    headers.emplace_back("content-encoding", "gzip");
    const std::string target = "/api/v1/logs?client=c&log=l";
    hub.config.max_body = 3;
    CHECK(hub.post(target, packed, headers).status == 413);
    CHECK(search(hub).empty());
    hub.config.max_body = 4;
    CHECK(hub.post(target, packed, headers).status == 200);
    CHECK(search(hub).size() == 2);
    CHECK(hub.post(target, packed.substr(0, packed.size() / 2), headers).status == 400);
}
