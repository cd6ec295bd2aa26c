// Senders as a whole: threads, what the operator says, what is told.
#include <chrono>
#include <thread>

#include "tests/eventually.h"
#include "tests/server/replication_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

// A hub that sends to another one, and both by their API.
struct SenderCase {
    JournaledStore store;
    TargetHub target;
    Wire wire{target};
    std::atomic<bool> away{false};
    std::atomic<int> asked_minutes{0};  // for which it wants no further try then
    std::string only;                   // a pattern
    std::unique_ptr<Replication> replication;

    explicit SenderCase(bool is_plain = false) {
        wire.instead = [this,
                        is_plain](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            if (!away && is_plain && request.path.starts_with("/api/")) return ReplicationAnswer{404, "", {}};
            if (!away) return std::nullopt;
            ReplicationAnswer answer{500, R"({"error":{"message":"not \"today\""}})", {}};
            if (asked_minutes > 0) answer.retry_after = std::chrono::minutes(asked_minutes);
            return answer;
        };
        open();
    }
    void open() {
        replication.reset();
        ReplicationOptions options;
        options.targets.push_back(
            must(parse_replication_target({"http://there:1/base", "t:a", "", "", {}, {}})));
        if (!only.empty()) must(options.targets.back().patterns.add_only(only));
        replication = must(Replication::open(
            *store, store.clock, options,
            [this](const ReplicationTargetOptions&, const std::atomic<bool>&) { return wire.call(); }));
        replication->start();
    }
    ReplicationSender& sender() { return *replication->target("there:1/base"); }
    bool becomes(ReplicationState state) {
        return eventually([&] { return sender().status().state == state; });
    }
};

}  // namespace

TEST_CASE("a target that is away is told of, keeps what it needs, and gets it when it is back",
          "[replication]") {
    SenderCase all;
    CHECK(all.becomes(ReplicationState::live));
    all.away = true;
    all.store.put("CFUTF8Type", "r", "a", "1");
    CHECK(all.becomes(ReplicationState::waiting));
    CHECK(eventually([&] { return all.sender().status().lag_records == 1; }));
    const ReplicationTargetStatus status = all.sender().status();
    CHECK(status.why == "the target answers 500: not \"today\"");
    CHECK(status.errors > 0);
    all.store.clock.advance(5000);
    CHECK(eventually([&] { return all.sender().status().lag_seconds >= 5; }));
    CHECK(all.sender().needs_from().value_or(UINT64_MAX) < all.store->journal().end);
    CHECK(contains(replication_health(all.replication->status()), R"("state":"waiting")"));
    std::string metrics;
    append_text(metrics, all.replication->status());
    CHECK(contains(metrics, "nmstore_replication_lag_records{target=\"there:1/base\"} 1\n"));
    CHECK(contains(metrics, "nmstore_replication_state{target=\"there:1/base\",state=\"waiting\"} 1\n"));
    CHECK(contains(metrics, "nmstore_replication_state{target=\"there:1/base\",state=\"live\"} 0\n"));

    all.away = false;
    must(all.sender().resume());
    CHECK(all.becomes(ReplicationState::live));
    CHECK(eventually([&] { return all.sender().status().lag_records == 0; }));
    all.replication->stop();
    CHECK(all.target.get("/v0.3/DATA/CFUTF8Type/r").body == R"({"a":"1"})");
    CHECK_FALSE(contains(all.sender().status().url, "t:a"));
}

TEST_CASE("to find out that a target is a plain server is no error", "[replication]") {
    SenderCase all(true);
    CHECK(all.becomes(ReplicationState::live));
    const ReplicationTargetStatus status = all.sender().status();
    CHECK(status.kind == "cloudsandra");
    CHECK(status.errors == 0);
}

TEST_CASE("a target that is paused gets nothing, also after a restart, until it is resumed",
          "[replication]") {
    SenderCase all;
    CHECK(all.becomes(ReplicationState::live));
    must(all.sender().pause());
    CHECK(all.becomes(ReplicationState::paused));
    all.open();
    CHECK(all.becomes(ReplicationState::paused));
    all.store.count("c", "n", 5);
    all.replication->stop();
    CHECK(all.target.get("/v0.3/COUNTER/c/n").body == R"({"n":"0"})");
    all.open();
    must(all.sender().resume());
    CHECK(eventually([&] { return all.sender().status().sent_records == 1; }));
    all.replication->stop();
    CHECK(all.target.get("/v0.3/COUNTER/c/n").body == R"({"n":"5"})");
}

TEST_CASE("the operator's calls are answered, and name what they do not know", "[replication]") {
    SenderCase all;
    Hub hub;
    CHECK(hub.get("/api/v1/replication").status == 501);
    hub.context.replication = all.replication.get();
    CHECK(all.becomes(ReplicationState::live));
    const auto status = hub.get("/api/v1/replication");
    CHECK(status.status == 200);
    CHECK(contains(status.body,
                   R"("name":"there:1/base","url":"http://there:1/base","kind":"hub","state":"live")"));
    CHECK(contains(status.body, R"("hub":")" + all.store->hub_id() + '"'));
    CHECK(hub.post("/api/v1/replication/targets/nobody/pause").status == 404);
    CHECK(hub.post("/api/v1/replication/targets/there:1%2Fbase/pause").status == 200);
    CHECK(all.becomes(ReplicationState::paused));
    CHECK(hub.post("/api/v1/replication/targets/there:1%2Fbase/resume").status == 200);
    CHECK(all.becomes(ReplicationState::live));
    CHECK(hub.post("/api/v1/replication/targets/there:1%2Fbase/resync").status == 200);
    CHECK(eventually([&] { return !all.sender().notes().memory().resync; }));
    must(all.sender().notes().add_refused({{7, "what", "why", "value \xff"}}));
    const std::string refused = "/api/v1/replication/targets/there:1%2Fbase/refused";
    CHECK(contains(hub.get(refused).body, R"("number":7,"what":"what","why":"why","value":"value \udcff")"));
    CHECK(hub.del(refused).body == R"({"cleared":1})");
    CHECK(hub.get(refused).body == R"({"dropped":0,"refused":[]})");
}

TEST_CASE("what leaves the journal while a target is waited for long is told at once", "[replication]") {
    SenderCase all;
    all.replication.reset();
    all.store.keep_little();
    all.open();
    CHECK(all.becomes(ReplicationState::live));
    all.asked_minutes = 10;
    all.away = true;
    all.store.put("CFUTF8Type", "r", "a", "1");
    CHECK(all.becomes(ReplicationState::waiting));
    all.store.more_than_kept();
    CHECK(all.becomes(ReplicationState::needs_copy));
    CHECK(contains(all.sender().status().why, "--replicate-keep"));
    all.store.clock.advance(7000);
    CHECK(all.sender().status().lag_seconds >= 7);
    all.open();
    CHECK(all.becomes(ReplicationState::needs_copy));
    CHECK(all.sender().status().lag_seconds >= 7);
}

TEST_CASE("a target is told as behind while its first call takes long", "[replication]") {
    SenderCase all;
    CHECK(all.becomes(ReplicationState::live));
    all.replication.reset();
    std::atomic<bool> is_on_its_way{false}, may_end{false};
    all.wire.loses = [&](const ReplicationRequest&) {
        is_on_its_way = true;
        (void)eventually([&] { return may_end.load(); });
        return false;
    };
    all.open();
    CHECK(eventually([&] { return is_on_its_way.load(); }));
    all.store.put("CFUTF8Type", "r", "a", "1");
    (void)all.sender().status();
    all.store.clock.advance(6000);
    const ReplicationTargetStatus status = all.sender().status();
    CHECK(status.state == ReplicationState::connecting);
    CHECK(status.lag_records == 1);
    CHECK(status.lag_seconds >= 6);
    CHECK(contains(status.why, "no answer for 6 s"));
    may_end = true;
    CHECK(all.becomes(ReplicationState::live));
    all.replication->stop();
}

TEST_CASE("the journal is kept while other patterns are tried, and they are changed back", "[replication]") {
    SenderCase all;
    all.store.put("CFUTF8Type", "r", "a", "1");
    CHECK(eventually([&] { return all.sender().status().sent_records == 1; }));
    all.only = "CFUTF8Type/clients";
    all.open();
    CHECK(all.becomes(ReplicationState::needs_copy));
    CHECK(all.sender().status().why == "the patterns were changed");
    all.store.put("CFUTF8Type", "r", "b", "2");
    CHECK(all.sender().needs_from().value_or(UINT64_MAX) < all.store->journal().end);
    all.open();  // also after a restart
    CHECK(all.becomes(ReplicationState::needs_copy));
    CHECK(all.sender().needs_from().value_or(UINT64_MAX) < all.store->journal().end);
    all.only = "";
    all.open();
    CHECK(all.becomes(ReplicationState::live));
    CHECK(eventually([&] { return all.sender().status().lag_records == 0; }));
    all.replication->stop();
    CHECK(contains(all.target.get("/v0.3/DATA/CFUTF8Type/r").body, R"("b":"2")"));
}

TEST_CASE("a target is told as behind while one call takes long", "[replication]") {
    SenderCase all;
    CHECK(all.becomes(ReplicationState::live));
    std::atomic<bool> is_on_its_way{false}, may_end{false};
    all.wire.loses = [&](const ReplicationRequest& request) {
        if (!contains(request.path, "/records")) return false;
        is_on_its_way = true;
        (void)eventually([&] { return may_end.load(); });
        return false;
    };
    all.store.put("CFUTF8Type", "r", "a", "1");
    CHECK(eventually([&] { return is_on_its_way.load(); }));
    all.store.clock.advance(5000);
    const ReplicationTargetStatus status = all.sender().status();
    CHECK(status.state == ReplicationState::catching_up);
    CHECK(status.lag_seconds >= 5);
    CHECK(contains(replication_health(all.replication->status()), R"("state":"catching up")"));
    may_end = true;
    CHECK(all.becomes(ReplicationState::live));
    all.replication->stop();
}

TEST_CASE("how far a target is behind is told by this hub's clock, whatever another one's says",
          "[replication]") {
    SenderCase all;
    CHECK(all.becomes(ReplicationState::live));
    // As after a record of a hub whose clock is ahead: stamps never go back.
    all.store.clock.advance(7'200'000);
    all.store.put("CFUTF8Type", "r", "a", "1");
    CHECK(eventually([&] { return all.sender().status().lag_records == 0; }));
    all.store.clock.advance(-7'200'000);
    all.away = true;
    all.store.put("CFUTF8Type", "r", "b", "1");
    CHECK(all.becomes(ReplicationState::waiting));
    CHECK(eventually([&] { return all.sender().status().lag_records == 1; }));
    all.store.clock.advance(6000);
    CHECK(eventually([&] { return all.sender().status().lag_seconds >= 6; }));
}

TEST_CASE("a sender that starts while its target is away knows how far behind that is", "[replication]") {
    SenderCase all;
    all.store.put("CFUTF8Type", "r", "a", "1");
    CHECK(eventually([&] { return all.sender().status().sent_records == 1; }));
    all.replication->stop();
    const auto position = all.sender().status().position;
    REQUIRE(position);
    all.away = true;
    all.store.put("CFUTF8Type", "r", "b", "2");
    all.open();
    CHECK(all.becomes(ReplicationState::waiting));
    CHECK(all.sender().status().position == position);
    CHECK(all.sender().status().lag_records == 1);
}

TEST_CASE("a full copy that is asked for while a target is paused shows in its status", "[replication]") {
    SenderCase all;
    CHECK(all.becomes(ReplicationState::live));
    must(all.sender().pause());
    must(all.sender().resync());
    CHECK(all.sender().status().state == ReplicationState::paused);
    CHECK(contains(all.sender().status().why, "a full copy was asked for"));
    must(all.sender().resume());
    CHECK(eventually([&] { return !all.sender().notes().memory().resync; }));
    CHECK(all.becomes(ReplicationState::live));
    CHECK(all.sender().status().why.empty());
}
