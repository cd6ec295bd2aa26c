// This hub as a target, and as a standby.
#include "tests/server/sent_records.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

TEST_CASE("records are taken from the position on, and only from there", "[replication]") {
    TargetHub hub;
    const auto records = some_records();
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, R"("protocol":2,"position":null)"));
    const auto early = post_records(hub, "&from=10&end=13", records);
    CHECK(early.status == 409);
    CHECK(early.body == R"({"position":null})");
    const auto taken = post_records(hub, "&from=10&end=13&begin=true", records);
    CHECK(taken.status == 200);
    CHECK(contains(taken.body, R"("position":13)"));
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == R"({"a":"1","b":"2"})");
    for (const char* again :
         {"&from=10&end=13&begin=true", "&from=10&end=13", "&from=13&end=13&begin=true"}) {
        INFO(again);
        const auto answer = post_records(hub, again, {});
        CHECK(answer.status == 409);
        CHECK(answer.body == R"({"position":13})");
    }
    CHECK(post_records(hub, "&from=13&end=20", {}).status == 200);
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, R"("position":20)"));
    CHECK(contains(hub.get("/api/v1/replication").body,
                   R"("sources":[{"hub":")" + kFrom + R"(","stream":"","position":20,)"));
    CHECK(hub.post("/api/v1/replication/position?" + kLink + "&position=5").status == 200);
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, R"("position":5)"));
    CHECK(hub.post("/api/v1/replication/position?" + kLink).status == 200);
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, R"("position":null)"));
}

TEST_CASE("a hub that sends no more can be forgotten, and needs a full copy if it comes back",
          "[replication]") {
    TargetHub hub;
    REQUIRE(post_records(hub, "&from=10&end=13&begin=true", some_records()).status == 200);
    REQUIRE(post_records(hub, "f&from=1&end=2&begin=true", {}).status == 200);  // another of its streams
    const std::string path = "/api/v1/replication/sources/" + kFrom;
    const auto early = hub.del(path);
    CHECK(early.status == 409);
    CHECK(contains(early.body, "still sends"));
    hub.clock.now += kSourceGoneMs;
    CHECK(hub.del("/api/v1/replication/sources/0000").status == 404);
    CHECK(hub.del(path).status == 200);
    CHECK(contains(hub.get("/api/v1/replication").body, R"("sources":[])"));
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, R"("position":null)"));
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink + "f").body, R"("position":null)"));
    CHECK(hub.del(path).status == 404);
    ReplicationReceiver after_restart(hub.store(), hub.clock, true);
    must(after_restart.load());
    CHECK(after_restart.sources().empty());
    // What it had written is known.
    const auto again = post_records(hub, "&from=10&end=13&begin=true", some_records());
    CHECK(again.status == 200);
    CHECK(contains(again.body, R"("records":0,"refused":[],"refused_more":0,"repeated":2)"));
}

TEST_CASE("nonsense is refused, and nothing of it is written", "[replication]") {
    TargetHub hub;
    const auto records = some_records();
    CHECK(post_records(hub, "&from=11&end=13&begin=true", records).status == 400);
    CHECK(post_records(hub, "&from=10&end=12&begin=true", records).status == 400);
    CHECK(post_records(hub, "&from=10&end=9&begin=true", {}).status == 400);
    CHECK(post_records(hub, "&from=10&end=9223372036854775813&begin=true", {}).status == 400);
    CHECK(post_records(hub, "&from=10&begin=true", records).status == 400);
    CHECK(post_records(hub, "&from=10&end=13&begin=true", {{10, "no record"}}).status == 400);
    const std::string target = "/api/v1/replication/records?" + kLink + "&from=10&end=13&begin=true";
    const Hub::Headers type{{"content-type", std::string(kJournalContentType)}};
    CHECK(hub.post(target, "no frame", type).status == 400);
    CHECK(hub.post(target, pack_records(records)).status == 415);
    CHECK(hub.get("/api/v1/replication/hello?hub=not%20hex").status == 400);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == "{}");
}

TEST_CASE("what was refused before nonsense is told, also after a kill", "[replication]") {
    TargetHub hub;
    must(hub.store().declare_column("CFUTF8Type", "a", ValueType::long_, std::nullopt));
    JournaledStore store;
    store.put("CFUTF8Type", "r", "a", "no number");
    auto records = must(store->read_journal(0, SIZE_MAX));
    records[0].number = 10;
    records.push_back({11, "no record"});
    CHECK(post_records(hub, "&from=10&end=12&begin=true", records).status == 400);
    const std::string hello = hub.get("/api/v1/replication/hello?" + kLink).body;
    CHECK(contains(hello, R"("position":11)"));
    CHECK(contains(hello, "no number"));
    ReplicationReceiver after_kill(hub.store(), hub.clock, true);
    must(after_kill.load());
    REQUIRE(after_kill.refused({kFrom, ""}).size() == 1);
    CHECK(after_kill.refused({kFrom, ""}).front().value == "no number");
}

TEST_CASE("half a copy is told of, and can be given up though its hub has sent nothing else",
          "[replication]") {
    JournaledStore maker;
    for (int i = 0; i < 3; ++i) maker.put("CFUTF8Type", "r" + std::to_string(i), "a", "1");
    JournaledStore store;
    const auto replication = must(Replication::open(*store, store.clock, {}));
    ReplicationReceiver& receiver = replication->receiver();
    const auto post = [&](ChangeNumber from, ChangeNumber end, const std::vector<JournalRecord>& records) {
        const std::string body = pack_records(records);
        return must(
            receiver.receive({{maker->hub_id(), "copy x"}, from, end, from == end, body, "admin", true}));
    };
    post(1, 1, {});
    CHECK(replication->status().copies.empty());  // it has not begun
    const auto copy = must(maker->copy_for_journal({}));
    post(1, 2, {*must(copy->next(1))});
    std::string text;
    JsonWriter json(text);
    write_status(json, replication->status());
    CHECK(contains(text, R"("copies":[{"hub":")" + maker->hub_id() + R"(","last_ms":)" +
                             std::to_string(store.clock.now_ms())));
    CHECK(contains(replication_health(replication->status()), R"("copies_coming":1)"));
    CHECK(code_of(store->copy_for_journal({})) == Code::busy);
    CHECK(receiver.forget(maker->hub_id()).error().code == Code::busy);
    store.clock.advance(kSourceGoneMs);
    must(receiver.forget(maker->hub_id()));
    CHECK(post(2, 3, {*must(copy->next(1))}).elsewhere);
    // It is half of the other still, until it is said that this is all.
    CHECK(replication->status().copies.size() == 1);
    CHECK(code_of(store->copy_for_journal({})) == Code::busy);
    CHECK(receiver.forget(maker->hub_id()).error().code == Code::busy);
    store.clock.advance(kSourceGoneMs);
    must(receiver.forget(maker->hub_id()));
    CHECK(replication->status().copies.empty());
    CHECK(store->copy_for_journal({}).ok());
    CHECK(receiver.forget(maker->hub_id()).error().code == Code::not_found);
}

TEST_CASE("a standby refuses writes but those of hubs until it is opened", "[replication]") {
    ReplicationOptions options;
    options.standby = true;
    TargetHub hub(options);
    const auto refused = [](const Answer& answer) {
        INFO(answer.body);
        return answer.status == 503 && contains(answer.body, "standby") && contains(answer.body, "nm-tool");
    };
    const Hub::Headers text{{"content-type", "text/plain"}};
    CHECK(refused(hub.post("/v0.3/DATA/CFUTF8Type/r", "a=1")));
    CHECK(refused(hub.post("/v0.3/COUNTER/c/n", "increment=1")));
    CHECK(refused(hub.del("/v0.3/DATA/CFUTF8Type/r")));
    CHECK(refused(hub.del("/v0.3/COLUMNFAMILY/CFUTF8Type")));
    CHECK(refused(hub.del("/api/v1/rows?family=CFUTF8Type&row=r")));
    CHECK(refused(hub.post("/api/v1/logs?client=c&log=l", "line", text)));
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").status == 200);
    CHECK(hub.get("/api/v1/search?q=line").status == 200);
    CHECK(post_records(hub, "&from=10&end=13&begin=true", some_records()).status == 200);
    CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, R"("standby":true)"));

    CHECK(hub.post("/api/v1/replication/standby", R"({"standby":1})").status == 400);
    CHECK(hub.post("/api/v1/replication/standby", R"({"standby":false})").status == 200);
    CHECK(hub.post("/v0.3/DATA/CFUTF8Type/r", "a=1").status == 200);
    ReplicationStandby later(hub.store(), true);
    must(later.load());
    CHECK_FALSE(later.on());
    CHECK(hub.post("/api/v1/replication/standby", R"({"standby":true})").status == 200);
    CHECK(refused(hub.post("/v0.3/DATA/CFUTF8Type/r", "a=1")));
    ReplicationStandby without_option(hub.store(), false);
    must(without_option.load());
    CHECK(without_option.on());
}

TEST_CASE("what is noted of a target is there after a restart, and set-aside values are bounded",
          "[replication]") {
    OpenedStore store;
    {
        ReplicationNotes notes(*store, store.clock, "a target");
        must(notes.change([](ReplicationMemory& memory) {
            memory.paused = true;
            memory.kind = "cloudsandra";
            memory.needs_copy = "why";
        }));
        must(notes.set_pending({1, 9, {{"r\xff", "c", INT64_MIN, -3}}}));
        must(notes.done(5));
        std::vector<ReplicationRefused> many;
        for (std::size_t i = 0; i < kMaxReplicationRefused + 5; ++i)
            many.push_back(
                {i, std::string(60'000, 'w'), "why", std::string(2 * kMaxRefusedValueBytes, '\xff')});
        must(notes.add_refused(many));
    }
    ReplicationNotes notes(*store, store.clock, "a target");
    must(notes.load());
    CHECK(notes.memory().paused);
    CHECK(notes.memory().kind == "cloudsandra");
    CHECK(notes.memory().needs_copy == "why");
    CHECK(notes.memory().position == 5);
    REQUIRE(notes.pending());
    CHECK(notes.pending()->counters[0].row == "r\xff");
    CHECK(notes.pending()->counters[0].before == INT64_MIN);
    CHECK(notes.pending()->counters[0].sum == -3);
    must(notes.done(9));
    CHECK_FALSE(notes.pending());
    REQUIRE(notes.refused_count() == kMaxReplicationRefused);
    CHECK(notes.refused().front().value.number == 5);
    CHECK(notes.refused().front().value.value.size() == kMaxRefusedValueBytes);
    CHECK(notes.refused().front().value.what.size() == kMaxRefusedNameBytes);
    CHECK(notes.memory().refused_dropped == 5);
    CHECK(must(notes.clear_refused()) == kMaxReplicationRefused + 5);
    ReplicationNotes other(*store, store.clock, "a");
    must(other.load());
    CHECK_FALSE(other.memory().paused);
    CHECK(other.refused_count() == 0);
}
