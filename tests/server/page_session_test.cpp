// The old page's socket: what it is answered, and in which order.
#include "server/page_session.h"

#include <nlohmann/json.hpp>

#include "server/page_request.h"
#include "server/websocket_frame.h"
#include "tests/server/hub.h"
#include "tests/server/transport_fixture.h"

using namespace nmstore;
using namespace nmstore::server;
using nmstore::testing::contains;
using nmstore::testing::eventually;
using Json = nlohmann::json;

namespace {

// Jobs are kept until the test runs them.
struct Jobs {
    bool take(std::function<void()> job) {
        const std::lock_guard lock(mutex);
        if (full) return false;
        jobs.push_back(std::move(job));
        return true;
    }
    bool run_one() {
        std::function<void()> job;
        {
            const std::lock_guard lock(mutex);
            if (jobs.empty()) return false;
            job = std::move(jobs.front());
            jobs.pop_front();
        }
        job();
        return true;
    }
    std::mutex mutex;
    bool full = false;
    std::deque<std::function<void()>> jobs;
};

struct Fixture {
    Fixture() {
        hub.context.run_job = [this](auto job) { return jobs.take(std::move(job)); };
        session = std::make_shared<PageSession>(pages, Principal{"token", role_all});
    }
    // The messages that are there now.
    std::vector<Json> taken() {
        std::string frames;
        CHECK(session->pull(frames, 1000) == EventSource::More::wait);
        std::vector<Json> out;
        while (!frames.empty()) {
            std::size_t head = 2;
            std::size_t length = static_cast<unsigned char>(frames[1]);
            if (length >= 126) {
                const std::size_t bytes = length == 126 ? 2 : 8;
                length = 0;
                for (; head < 2 + bytes; ++head)
                    length = length << 8 | static_cast<unsigned char>(frames[head]);
            }
            out.push_back(Json::parse(frames.substr(head, length)));
            frames.erase(0, head + length);
        }
        return out;
    }
    void greeted() {
        session->opened([this] { ++wakes; });
        REQUIRE(eventually([&] { return wakes > 0; }));
        const auto messages = taken();
        REQUIRE(messages.size() == 1);
        CHECK(messages[0]["type"] == "users");
        CHECK(messages[0]["request"] == "post");
        id = messages[0]["data"];
    }
    void ask(const std::string& request, const std::string& data) {
        session->receive(Json{{"type", "get"}, {"request", request}, {"data", data}}.dump());
    }

    testing::Hub hub;
    Jobs jobs;
    PageUsers users{hub.store(), hub.clock};
    ConnectionCounters counters{hub.store()};
    Pages pages{hub.context, users, counters};
    std::shared_ptr<PageSession> session;
    std::atomic<int> wakes{0};
    std::string id;
};

Json answer(testing::Hub& hub, const std::string& message, std::uint8_t roles = role_all) {
    return Json::parse(answer_page(hub.context, {"token", roles}, 3, message, [] { return false; }));
}

}  // namespace

TEST_CASE("a page is greeted once its id stands in the row of users, and leaves nothing") {
    Fixture page;
    page.users.reset_at_start();
    page.ask("users", "");  // before: it waits
    page.greeted();
    REQUIRE(page.jobs.run_one());
    const auto messages = page.taken();
    REQUIRE(messages.size() == 1);
    CHECK(Json::parse(messages[0]["data"].get<std::string>()) ==
          Json{{page.id, std::to_string(page.hub.clock.now)}});
    CHECK(eventually([&] { return *page.hub.store().counter("connections", "connections-live") == 1; }));
    page.session->closed();
    CHECK(eventually([&] { return !*page.hub.store().get(kIndexFamily, "users", page.id); }));
    CHECK(eventually([&] { return *page.hub.store().counter("connections", "connections-live") == 0; }));
    CHECK(*page.hub.store().counter("connections", "connections-total") == 1);
}

TEST_CASE("ids that another run has left go at the start, those of others stay") {
    testing::Hub hub;
    hub.post("/v0.3/DATA/CFUTF8Type/users", "page-1-1=5&somebody=6");
    PageUsers users(hub.store(), hub.clock);
    users.reset_at_start();
    CHECK(eventually([&] { return hub.get("/v0.3/DATA/CFUTF8Type/users").body == R"({"somebody":"6"})"; }));
}

TEST_CASE("a page's requests are answered one after the other, when it takes the answers") {
    Fixture page;
    for (int n = 0; n < 3; ++n)
        page.hub.post("/v0.3/DATA/CFUTF8Type/c" + std::to_string(n) + ":logs", "log=" + std::to_string(n));
    page.greeted();
    for (int n = 0; n < 3; ++n) page.ask("logs", "c" + std::to_string(n));
    for (int n = 0; n < 3; ++n) {
        REQUIRE(page.jobs.run_one());
        CHECK_FALSE(page.jobs.run_one());  // the next is begun when this is taken
        const auto messages = page.taken();
        REQUIRE(messages.size() == 1);
        CHECK(messages[0]["data"] == R"({"log":")" + std::to_string(n) + "\"}");
    }
    CHECK_FALSE(page.jobs.run_one());
    page.session->closed();
}

TEST_CASE("too many requests that wait are errors, and those before them are answered") {
    Fixture page;
    page.greeted();
    const std::size_t most = PageSession::kMaxWaiting;
    for (std::size_t n = 0; n < most + 2; ++n) page.ask("servers", "");
    auto messages = page.taken();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0]["type"] == "error");
    CHECK(messages[0]["code"] == "busy");
    CHECK(messages[0]["number"] == most + 1);
    CHECK(messages[1]["number"] == most + 2);
    std::size_t answered = 0;
    while (page.jobs.run_one()) answered += page.taken().size();
    CHECK(answered == most);
    CHECK(page.hub.metrics.limit_hits("page_requests") == 2);

    const std::string large(PageSession::kMaxWaitingBytes - 1000, 'x');
    page.ask("servers", large);
    page.ask("servers", large);
    messages = page.taken();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0]["number"] == most + 4);
    page.session->closed();
}

TEST_CASE("a page is told that the server is busy, and can ask again") {
    Fixture page;
    page.greeted();
    page.jobs.full = true;
    page.ask("servers", "");
    auto messages = page.taken();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0]["code"] == "busy");
    CHECK(messages[0]["number"] == 1);
    page.jobs.full = false;
    page.ask("servers", "");
    REQUIRE(page.jobs.run_one());
    CHECK(page.taken().at(0)["type"] == "servers");
    page.session->closed();
}

TEST_CASE("a page that goes away while it is answered") {
    Fixture page;
    page.greeted();
    page.ask("servers", "");
    page.ask("servers", "");
    page.session->closed();
    CHECK(page.jobs.run_one());
    CHECK_FALSE(page.jobs.run_one());
    page.session.reset();
}

TEST_CASE("what a page writes needs the role ingest") {
    testing::Hub hub;
    hub.post("/v0.3/DATA/CFUTF8Type/clients", "a=1");
    const std::string writes[] = {
        R"({"type":"del","request":"clients","data":"a"})",
        R"({"type":"del","request":"logs","data":"a","subRequest":"l"})",
        R"({"type":"del","request":"plugins","data":"a","subRequest":"p"})",
        R"({"type":"post","request":"client-tags","data":"a","subRequest":"t"})",
        R"({"type":"del","request":"client-tags","data":"a"})",
        R"({"type":"post","request":"config","data":"a","subRequest":{"name":"n","value":1}})",
        R"({"type":"del","request":"config","data":"a","subRequest":"n"})",
        R"({"type":"post","request":"mapreduce-table","data":{"table":"t","type":"standard"}})",
        R"({"type":"post","request":"mapreduce-job","data":{"fromTable":"CFUTF8Type","overwriteTable":"t","select":"value"}})",
    };
    for (const std::string& write : writes) {
        INFO(write);
        const Json refused = answer(hub, write, role_read);
        CHECK(refused["type"] == "error");
        CHECK(refused["code"] == "forbidden");
        CHECK(contains(refused["data"], "ingest"));
        CHECK(refused["number"] == 3);
    }
    CHECK(answer(hub, R"({"type":"get","request":"clients"})", role_read)["data"] == R"({"a":"1"})");
    for (const std::string& write : writes) {
        INFO(write);
        const Json done = answer(hub, write);
        CHECK(done["type"] == Json::parse(write)["request"]);
        CHECK(Json::parse(done["data"].get<std::string>())["message"] == "Success");
    }
    CHECK(answer(hub, R"({"type":"get","request":"clients"})")["data"] == "{}");
}

TEST_CASE(
    "a log or plugin is removed under its path and under its name in row keys, a setting under its own") {
    testing::Hub hub;
    const auto put = [&](const std::string& row, const std::string& columns) {
        hub.post("/v0.3/DATA/CFUTF8Type/" + row, columns);
    };
    std::string many;
    for (int i = 0; i < 1500; ++i) many += "m" + std::to_string(i) + "=1&";
    put("a:logs", many + "%2Fvar%2Flog%2Fsyslog=1&_var_log_syslog=2&%2Fvar%2Flog%2Fsyslog.1=3");
    put("a:plugins", "%2Fdf=1&_df=2&df=3");
    put("a:config", "%2Ftail=1&_tail=2");
    const auto left = [&](const std::string& what, const std::string& name) {
        const Json ask{{"type", "del"}, {"request", what}, {"data", "a"}, {"subRequest", name}};
        CHECK(answer(hub, ask.dump())["type"] == what);
        const Json given = answer(hub, Json{{"type", "get"}, {"request", what}, {"data", "a"}}.dump());
        const Json row = Json::parse(given["data"].get<std::string>());
        std::string columns;
        for (const auto& [column, value] : row.items())
            if (!column.starts_with("m")) columns += column + " ";
        return columns;
    };
    CHECK(left("logs", "/var/log/syslog") == "/var/log/syslog.1 ");
    CHECK(left("logs", "_var_log_syslog.1") == "");
    CHECK(left("plugins", "_df") == "df ");
    CHECK(left("config", "/tail") == "_tail ");
}

TEST_CASE("a number beyond all numbers in a page's message is a fault of the asker") {
    testing::Hub hub;
    const Json refused = answer(hub, R"({"type":"get","request":"clients","a":1e999})");
    CHECK(refused["type"] == "error");
    CHECK(refused["code"] == "invalid_argument");
    CHECK(contains(refused["data"], "out of range"));
}

TEST_CASE("settings and tags that a page writes are told to who listens") {
    testing::Hub hub;
    answer(hub, R"({"type":"post","request":"config","data":"a","subRequest":{"name":"n","value":true}})");
    answer(hub, R"({"type":"post","request":"client-tags","data":"a","subRequest":"t"})");
    CHECK(hub.told() == std::vector<std::string>{"CFUTF8Type/a:config n=true", "CFUTF8Type/client-tags a=t"});
}

TEST_CASE("a page's answer is never larger than its bound") {
    testing::Hub hub;
    const std::string large(kMaxPageAnswerBytes / 2, 'x');
    for (const char* column : {"1", "2", "3"})
        hub.post("/v0.3/DATA/CFLongType/a:logs:l:2011:5:30", std::string(column) + "=" + large);
    const std::string live = R"({"type":"get","request":"log-live","data":"a:logs:l:2011:5:30")";
    const Json refused = answer(hub, live + "}");
    CHECK(refused["code"] == "limit_exceeded");
    CHECK(contains(refused["data"], "limit of at most 1"));
    CHECK(answer(hub, live + R"(,"limit":1,"subRequest":3})")["data"].get<std::string>().size() >
          large.size());
    // Over days there is a place to go on from.
    const std::string days =
        R"({"type":"get","request":"log-history","data":{"ip":"a","log":"l","from":"2011-06-30"})";
    Json part = answer(hub, days + "}");
    std::vector<std::string> columns;
    for (int n = 0; n < 4; ++n) {
        const Json rows = Json::parse(part["data"].get<std::string>());
        for (const auto& [column, value] : rows["a:logs:l:2011:5:30"].items()) columns.push_back(column);
        if (!part.contains("next")) break;
        part = answer(hub, days + ",\"subRequest\":" + part["next"].dump() + "}");
    }
    CHECK(columns == std::vector<std::string>{"1", "2", "3"});
}
