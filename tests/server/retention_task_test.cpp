#include "server/retention_task.h"

#include <atomic>

#include "query/retention_text.h"
#include "tests/server/hub.h"
#include "tests/server/transport_fixture.h"

using namespace nmstore;
using namespace nmstore::testing;
using namespace std::chrono_literals;

TEST_CASE("the retention runs at the start, and then regularly, and stops when it is told", "[retention]") {
    std::atomic<int> runs{0}, told{0};
    {
        const server::RetentionTask task(
            [&](const Progress&) {
                ++runs;
                return Result<RetentionReport>(RetentionReport{});
            },
            [&](const Result<RetentionReport>&) { ++told; }, 1ms);
        CHECK(eventually([&] { return told.load() > 3; }));
    }
    const int ended = runs;
    CHECK(told >= ended - 1);
    bool stopped = false;
    {
        std::atomic<bool> running{false};
        const server::RetentionTask task(
            [&](const Progress& progress) -> Result<RetentionReport> {
                running = true;
                while (progress({"drop", 0, 0, "rows"})) std::this_thread::sleep_for(1ms);
                stopped = true;
                return Error{Code::cancelled, "stopped"};
            },
            [&](const Result<RetentionReport>&) { ++told; }, 1h);
        CHECK(eventually([&] { return running.load(); }));
    }
    CHECK(stopped);
    CHECK(runs == ended);
}

TEST_CASE("the retention runs again at once when it is to hurry", "[retention]") {
    std::atomic<int> runs{0};
    server::RetentionTask task(
        [&](const Progress&) {
            ++runs;
            return Result<RetentionReport>(RetentionReport{});
        },
        [](const Result<RetentionReport>&) {}, 1h);
    CHECK(eventually([&] { return runs == 1; }));
    task.hurry();
    CHECK(eventually([&] { return runs == 2; }));
    task.hurry();
    CHECK(eventually([&] { return runs == 3; }));
}

TEST_CASE("POST /admin/retention: the server's policy or the request's, for good or only to see",
          "[retention]") {
    Hub hub;
    const auto lines = hub.store().begin_lines();
    REQUIRE(lines->append({"a", "x", hub.clock.now - std::int64_t{40} * 24 * 3600 * 1000, "old", {}}).ok());
    REQUIRE(lines->append({"a", "x", hub.clock.now, "new", {}}).ok());
    REQUIRE(lines->commit().ok());
    const std::string path = "/api/v1/admin/retention";
    CHECK(hub.post(path).status == 400);
    CHECK(hub.post(path + "?keep=3").status == 400);
    CHECK(hub.post(path + "?rules=a").status == 400);
    CHECK(hub.post(path + "?bytes=5").status == 400);
    CHECK(contains(hub.post(path + "?keep=30d&rules=b=1d%0Aa=1y").body, R"("rows_by_age":0)"));
    const std::string row = R"("row":"a:logs:x:2011:9:12")";
    const Answer would = hub.post(path + "?keep=30d&dry_run=true");
    CHECK(would.status == 200);
    CHECK(contains(would.body, row));
    CHECK(contains(would.body, R"("dry_run":true)"));
    hub.config.retention.keep_ms = std::int64_t{30} * 24 * 3600 * 1000;
    const Answer did = hub.post(path);
    CHECK(contains(did.body, row));
    CHECK(contains(did.body, R"("rows_by_age":1,"rows_by_bytes":0)"));
    CHECK(contains(hub.post(path).body, R"("rows_by_age":0)"));
    CHECK(hub.store().stats().rows_dropped_by_age == 1);
}

TEST_CASE(
    "POST /admin/retention: what the server keeps for ever stays where a request brings a policy of its own",
    "[retention]") {
    Hub hub;
    const std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;
    const auto lines = hub.store().begin_lines();
    for (const char* client : {"law", "law-test", "web"})
        REQUIRE(lines->append({client, "x", hub.clock.now - 40 * day_ms, "old", {}}).ok());
    REQUIRE(lines->commit().ok());
    REQUIRE(hub.store().compact().ok());  // what is in memory only does not count
    const auto rule = [&](const std::string& text) {
        auto parsed = query::parse_retention_rule(text);
        REQUIRE(parsed.ok());
        hub.config.retention.rules.push_back(std::move(parsed).value());
    };
    rule("law-test=1y");
    rule("law*=forever");
    const auto would_drop = [&](const std::string& policy) {
        const Answer answer = hub.post("/api/v1/admin/retention?dry_run=true&" + policy);
        REQUIRE(answer.status == 200);
        std::string names;
        for (const char* client : {"law", "law-test", "web"})
            if (contains(answer.body, "\"row\":\"" + std::string(client) + ":"))
                names += std::string(" ") + client;
        return names;
    };
    CHECK(would_drop("max_bytes=1") == " law-test web");  // the server's first rule that matches decides
    CHECK(would_drop("keep=30d") == " law-test web");
    CHECK(would_drop("keep=30d&max_bytes=1&rules=web=forever") == " law-test");
    CHECK(would_drop("max_bytes=1&rules=law=30d") == " law law-test web");  // said by name
    CHECK(would_drop("max_bytes=1&rules=law=1y") == " law law-test web");
}
