#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;
using Json = nlohmann::json;

namespace {

const Hub::Headers kStream{{"accept", "application/x-ndjson"}};

// Line i of n at second i, one in ten an error, on two clients in turn.
void fill(Hub& hub, int n) {
    std::string body;
    for (int i = 0; i < n; ++i) {
        Json line{{"time", hub.clock.now - (n - i) * 1000},
                  {"client", i % 2 == 0 ? "10.0.0.1" : "10.0.0.2"},
                  {"log", "/var/log/app.log"},
                  {"message", (i % 10 == 0 ? "ERROR number " : "info number ") + std::to_string(i)},
                  {"user", "u" + std::to_string(i % 3)}};
        body += line.dump() + "\n";
    }
    const Answer answer = hub.post("/api/v1/logs", body, {{"content-type", "application/x-ndjson"}});
    INFO(answer.body);
    REQUIRE(answer.status == 200);
}

std::vector<Json> lines_of(const std::string& text) {
    std::vector<Json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
    return lines;
}

}  // namespace

TEST_CASE("a search answers entries, newest first, with what it cost") {
    Hub hub;
    fill(hub, 30);
    const Answer answer = hub.get("/api/v1/search?q=error");
    REQUIRE(answer.status == 200);
    const Json page = Json::parse(answer.body);
    REQUIRE(page["entries"].size() == 3);
    const Json& newest = page["entries"][0];
    CHECK(newest["line"] == "ERROR number 20");
    CHECK(newest["time"] == hub.clock.now - 10000);
    CHECK(newest["client"] == "10.0.0.1");
    CHECK(newest["kind"] == "logs");
    CHECK(newest["level"] == "error");
    CHECK(newest["fields"]["user"] == "u2");
    CHECK(newest["id"].get<std::string>() != "");
    CHECK(page["next"].is_null());
    CHECK(page["stats"]["lines_scanned"] == 30);
    CHECK(page["stats"]["lines_matched"] == 3);
    CHECK(page["stats"]["complete"] == true);
    CHECK(page["stats"]["stopped_by"].is_null());
}

TEST_CASE("pages walk through everything once, forwards and back") {
    Hub hub;
    fill(hub, 25);
    for (const std::string order : {"asc", "desc"}) {
        std::vector<std::string> seen;
        std::string cursor, back;
        do {
            const Json page =
                Json::parse(hub.get("/api/v1/search?limit=10&order=" + order + "&cursor=" + cursor).body);
            for (const Json& entry : page["entries"]) seen.push_back(entry["line"]);
            back = page["prev"].is_null() ? "" : page["prev"].get<std::string>();
            cursor = page["next"].is_null() ? "" : page["next"].get<std::string>();
        } while (!cursor.empty());
        CHECK(seen.size() == 25);
        CHECK(contains(seen.front(), order == "asc" ? "number 0" : "number 24"));
        const Json before =
            Json::parse(hub.get("/api/v1/search?limit=10&order=" + order + "&cursor=" + back).body);
        REQUIRE(before["entries"].size() == 10);
        CHECK(before["entries"][9]["line"] == seen[19]);
    }
}

TEST_CASE("what is wrong with a search is named, with the column of the query") {
    Hub hub;
    const std::vector<std::tuple<std::string, std::string>> table{
        {"q=(a", R"("column":)"},
        {"q=%2F(%2F", R"("code":"invalid_argument")"},
        {"limit=0", "limit"},
        {"limit=100001", "limit"},
        {"order=sideways", "order"},
        {"from=tomorrowish", "from"},
        {"from=2000&to=1000", "from"},
        {"cursor=nonsense", "cursor"},
        {"query=error", "unknown parameter"},
    };
    for (const auto& [query, part] : table) {
        for (const Hub::Headers& headers : {Hub::Headers{}, kStream}) {
            if (!headers.empty() && query == "limit=100001") continue;  // a stream may be long
            const Answer answer = hub.get("/api/v1/search?" + query, headers);
            INFO(query << " -> " << answer.body);
            CHECK(answer.status == 400);
            CHECK(contains(answer.body, R"({"error":{"code":"invalid_argument","message":")"));
            CHECK(contains(answer.body, part));
        }
    }
}

TEST_CASE("a pipe is unsupported, and still a query that cannot be read") {
    Hub hub;
    for (const std::string call : {"search", "histogram", "words"}) {
        const Answer answer = hub.get("/api/v1/" + call + "?q=a%20%7C%20count");
        INFO(answer.body);
        CHECK(answer.status == 400);
        CHECK(contains(answer.body, R"("code":"unsupported")"));
        CHECK(contains(answer.body, R"("column":3)"));
    }
}

TEST_CASE("a stream holds an entry a line, and ends with what it cost") {
    Hub hub;
    fill(hub, 30);
    const Answer answer = hub.get("/api/v1/search?q=error&order=asc", kStream);
    CHECK(answer.content_type == "application/x-ndjson");
    const std::vector<Json> lines = lines_of(answer.body);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0]["line"] == "ERROR number 0");
    CHECK(lines[2]["line"] == "ERROR number 20");
    CHECK(lines[3]["stats"]["complete"] == true);
    CHECK(lines_of(hub.get("/api/v1/search?limit=2", kStream).body).size() == 3);
    CHECK(lines_of(hub.get("/api/v1/search", kStream).body).size() == 31);
}

TEST_CASE("a page can be streamed, and ends with its cursors") {
    Hub hub;
    fill(hub, 25);
    const Json whole = Json::parse(hub.get("/api/v1/search?limit=25").body);
    Json walked = Json::array();
    std::string cursor;
    int pages = 0;
    for (bool more = true; more; ++pages) {
        std::vector<Json> lines =
            lines_of(hub.get("/api/v1/search?page=true&limit=10&cursor=" + cursor, kStream).body);
        REQUIRE_FALSE(lines.empty());
        const Json end = lines.back();
        lines.pop_back();
        for (const Json& line : lines) walked.push_back(line);
        CHECK(end["stats"]["complete"] == true);
        CHECK(end["prev"].is_string());
        more = end["next"].is_string();
        if (more) cursor = end["next"];
    }
    CHECK(pages == 3);
    CHECK(walked == whole["entries"]);
    const std::vector<Json> wrong =
        lines_of(hub.get("/api/v1/search?page=true&q=x&cursor=" + cursor, kStream).body);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0]["error"]["code"] == "invalid_argument");
    CHECK(hub.get("/api/v1/search?page=perhaps", kStream).status == 400);
    CHECK(hub.get("/api/v1/search?page=true&q=(", kStream).status == 400);
}

TEST_CASE("a stream whose reader goes away stops searching") {
    Hub hub;
    fill(hub, 5000);
    hub.stream_space = 1;
    hub.get("/api/v1/search", kStream);
    CHECK(contains(hub.metrics.text(hub.store().stats()), "queries_cancelled"));
}

TEST_CASE("a search that ran into a limit says so beside what it found") {
    Hub hub;
    fill(hub, 30);
    hub.config.query_max_lines = 10;
    const Json page = Json::parse(hub.get("/api/v1/search").body);
    CHECK(page["entries"].size() <= 10);
    CHECK(page["stats"]["complete"] == false);
    CHECK(page["stats"]["stopped_by"] == "query_max_lines");
    CHECK(!page["next"].is_null());
    const std::vector<Json> lines = lines_of(hub.get("/api/v1/search", kStream).body);
    CHECK(lines.back()["stats"]["stopped_by"] == "query_max_lines");
    CHECK(hub.metrics.limit_hits("query_max_lines") == 2);
}

TEST_CASE("alerts are the lines of the alerts' day rows") {
    Hub hub;
    fill(hub, 3);
    hub.post("/v0.3/DATA/CFLongType/alerts:2011:10:21", "1321900000000=disk+full");
    const Json page = Json::parse(hub.get("/api/v1/alerts").body);
    REQUIRE(page["alerts"].size() == 1);
    CHECK(page["alerts"][0]["line"] == "disk full");
    CHECK(page["alerts"][0]["kind"] == "alerts");
    CHECK(Json::parse(hub.get("/api/v1/alerts?to=1321900000000").body)["alerts"].empty());
    CHECK(hub.get("/api/v1/alerts?q=x").status == 400);
}
