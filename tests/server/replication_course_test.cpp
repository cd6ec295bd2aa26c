// What is sent to another hub, step by step, whatever happens on the way.
#include <filesystem>

#include "tests/server/replication_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;
using Step = ReplicationCourse::Step;

namespace {

bool is_post(const ReplicationRequest& request) {
    return request.path.starts_with("/api/v1/replication/records");
}

void write_some(JournaledStore& store) {
    store.put("CFUTF8Type", "clients", "10.0.0.1", "5");
    store.count("c", "n", 7);
    store.append("h", "/var/log/x", 1308700800000, "a line");
}

void check_same(TargetHub& hub) {
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/clients?limit=1").body == "{\"10.0.0.1\":\"5\"}");
    CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"7\"}");
    CHECK(contains(hub.get("/api/v1/search?q=line").body, "\"a line\""));
}

}  // namespace

TEST_CASE("a hub gets all that is written, and goes on where it is", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    CHECK(sending.run() == Step::idle);
    write_some(store);
    CHECK(sending.run() == Step::idle);
    check_same(hub);
    CHECK(sending.notes().memory().kind == "hub");
    CHECK(sending.notes().memory().copied);
    CHECK(sending.progress().passed == store->journal().end);

    sending.restart();
    store.count("c", "n", 1);
    CHECK(sending.run() == Step::idle);
    CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"8\"}");
    CHECK(sending.progress().sent_records == 1);
}

TEST_CASE("answers that are lost write nothing twice", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    write_some(store);
    int lost = 2;  // of the first post, which only begins, and of the one with records
    wire.loses = [&lost](const ReplicationRequest& request) { return is_post(request) && lost-- > 0; };
    CHECK(sending.run(2) == Step::idle);
    CHECK(lost == 0);
    check_same(hub);
}

TEST_CASE("a body that is too large for the target goes in parts", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    for (int i = 0; i < 20; ++i) store.count("c", "n", 1);
    std::size_t most = 0;
    wire.instead = [&most](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        const auto records =
            is_post(request) ? must(split_records(must(unpack_records(request.body)))).size() : 0;
        if (records > 3) return ReplicationAnswer{413, "", {}};
        most = std::max(most, records);
        return std::nullopt;
    };
    CHECK(sending.run() == Step::idle);
    CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"20\"}");
    CHECK(most > 0);
}

TEST_CASE("only what the patterns choose is sent", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    ReplicationPatterns patterns;
    must(patterns.add_skip("counters/*"));
    must(patterns.add_skip("*/secret*"));
    Sending sending(store, wire, patterns);
    store.put("CFUTF8Type", "secret row", "a", "1");
    store.put("CFUTF8Type", "open row", "a", "1");
    store.count("c", "n", 7);
    CHECK(sending.run() == Step::idle);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/secret%20row").body == "{}");
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/open%20row").body == "{\"a\":\"1\"}");
    CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"0\"}");
    CHECK(sending.progress().passed == store->journal().end);
}

TEST_CASE("a family is dropped at the target only where all of its rows are sent", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    ReplicationPatterns patterns;
    must(patterns.add_skip("Some/a*"));
    Sending sending(store, wire, patterns);
    for (const char* family : {"Some", "Whole"}) {
        must(store->create_family(family, ValueType::utf8));
        for (const char* row : {"a", "b"}) store.put(family, row, "c", "1");
    }
    CHECK(sending.run() == Step::idle);
    hub.post("/v0.3/DATA/Some/a", "c=theirs");
    must(store->drop_family("Some"));
    must(store->drop_family("Whole"));
    CHECK(sending.run() == Step::idle);
    CHECK(hub.get("/v0.3/DATA/Some/a").body == "{\"c\":\"theirs\"}");
    CHECK(hub.get("/v0.3/DATA/Some/b").body == "{\"c\":\"1\"}");
    CHECK(hub.get("/v0.3/COLUMNFAMILY/Whole").status == 404);
}

TEST_CASE("other patterns need a full copy, and the same ones again only if one was made meanwhile",
          "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    ReplicationPatterns only_clients, all;
    must(only_clients.add_only("CFUTF8Type/clients"));
    Sending sending(store, wire);
    write_some(store);
    CHECK(sending.run() == Step::idle);

    sending.restart(only_clients);
    store.count("c", "n", 1);
    CHECK(sending.run() == Step::needs_copy);
    CHECK(sending.notes().memory().needs_copy == "the patterns were changed");
    SECTION("nothing was sent with the others") {
        sending.restart(all);
        CHECK(sending.run() == Step::idle);
        CHECK(sending.notes().memory().needs_copy.empty());
        CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"8\"}");
    }
    SECTION("a copy was sent with the others") {
        must(sending.notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
        CHECK(sending.run() == Step::idle);
        store.put("CFUTF8Type", "clients", "10.0.0.2", "6");
        CHECK(sending.run() == Step::idle);
        CHECK(contains(hub.get("/v0.3/DATA/CFUTF8Type/clients").body, "10.0.0.2"));
        sending.restart(all);
        CHECK(sending.run() == Step::needs_copy);
        must(sending.notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
        CHECK(sending.run() == Step::idle);
        CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"8\"}");
    }
}

TEST_CASE("a hub that lost the end of its log says that its target has more, also once it wrote again",
          "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    write_some(store);
    CHECK(sending.run() == Step::idle);
    const std::string kept = store.data() + ".kept";
    store.close();
    std::filesystem::copy(store.data(), kept, std::filesystem::copy_options::recursive);
    store.reopen();
    sending.restart();
    store.count("c", "n", 1);
    CHECK(sending.run() == Step::idle);

    store.close();
    std::filesystem::remove_all(store.data());
    std::filesystem::rename(kept, store.data());
    store.reopen();
    const bool writes = GENERATE(false, true);
    if (writes) store.count("c", "n", 2);
    const bool again = GENERATE(false, true);
    if (again) store.reopen();
    sending.restart();
    CHECK(sending.run() == Step::needs_copy);
    CHECK(contains(sending.notes().memory().needs_copy, "lost the end of its log"));
}

TEST_CASE("a full copy goes in parts that the target takes, or says how much it would have to",
          "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    for (int i = 0; i < 40; ++i)
        store.put("CFUTF8Type", "row " + std::to_string(i), "a",
                  std::string(1000, static_cast<char>('a' + i % 26)));
    std::size_t taken = 20'000;
    wire.instead = [&taken](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!is_post(request) || must(unpack_records(request.body)).size() <= taken) return std::nullopt;
        return ReplicationAnswer{413, "", {}};
    };
    must(sending.notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
    SECTION("it takes them") {
        CHECK(sending.run() == Step::idle);
        CHECK_FALSE(sending.notes().memory().resync);
        CHECK(contains(hub.get("/v0.3/DATA/CFUTF8Type/row%2039").body, "nnnn"));
    }
    SECTION("not one of them") {
        taken = 500;
        auto step = sending.step();
        for (int i = 0; i < 100 && step.ok(); ++i) step = sending.step();
        REQUIRE_FALSE(step.ok());
        CHECK(step.error().code == Code::unsupported);
        CHECK(contains(step.error().message, "--max-body"));
        taken = 20'000;
        CHECK(sending.run() == Step::idle);
    }
}

TEST_CASE("a target that was replaced needs a full copy, and gets nothing until it is asked for",
          "[replication]") {
    JournaledStore store;
    TargetHub first;
    Wire wire(first);
    Sending sending(store, wire);
    write_some(store);
    CHECK(sending.run() == Step::idle);

    TargetHub second;
    second.post("/v0.3/DATA/CFUTF8Type/only-there", "a=1");
    wire.turn_to(second);
    sending.restart();
    CHECK(sending.run() == Step::needs_copy);
    CHECK(contains(sending.notes().memory().needs_copy, "replaced or restored"));
    sending.restart();
    wire.asked.clear();
    CHECK(sending.run() == Step::needs_copy);
    CHECK(wire.asked.empty());

    must(sending.notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
    int lost = 2;
    wire.loses = [&lost](const ReplicationRequest& request) { return is_post(request) && lost-- > 0; };
    CHECK(sending.run(2) == Step::idle);
    check_same(second);
    CHECK(second.get("/v0.3/DATA/CFUTF8Type/only-there").body == "{}");
    CHECK(sending.notes().memory().needs_copy.empty());
    store.count("c", "n", 1);
    CHECK(sending.run() == Step::idle);
    CHECK(second.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"8\"}");
    const auto sources = second.replication->receiver().sources();
    REQUIRE(sources.size() == 1);
    CHECK(sources[0].link.hub == store->hub_id());
}

TEST_CASE("a store that was there before its journal begins with what comes, and says so", "[replication]") {
    OpenedStore old;
    old.put("CFUTF8Type", "r", "before", "1");
    old.options.journal.on = true;
    old.reopen();
    TargetHub hub;
    Wire wire(hub);
    ReplicationNotes notes(*old, old.clock, "target");
    ReplicationTargetOptions options;
    options.name = "target";
    ReplicationCourse course(*old, old.clock, notes, options, wire.call());
    while (must(course.step()) == Step::sent) {
    }
    CHECK_FALSE(notes.memory().copied);
    old.put("CFUTF8Type", "r", "after", "1");
    while (must(course.step()) == Step::sent) {
    }
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == "{\"after\":\"1\"}");
}

TEST_CASE("what began at the target is not sent back, and a hub is none of its own targets",
          "[replication]") {
    JournaledStore one, two;
    TargetHub hub;
    Wire wire(hub);
    // As if `hub` had written it: its id is what is asked for.
    JournalRecord record;
    {
        one.put("CFUTF8Type", "r", "a", "1");
        record = must(one->read_journal(0, 1)).front();
    }
    must(two->apply_journal({hub.store().hub_id(), ""}, {{record.number, record.bytes}}, record.number + 1));
    Sending sending(two, wire);
    CHECK(sending.run() == Step::idle);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == "{}");
    CHECK(sending.progress().sent_records == 0);

    wire.instead = [&two](const ReplicationRequest&) {
        return ReplicationAnswer{200, R"({"protocol":2,"position":null,"hub":")" + two->hub_id() + "\"}", {}};
    };
    sending.restart();
    const auto step = sending.step();
    REQUIRE_FALSE(step.ok());
    CHECK(step.error().code == Code::unsupported);
    CHECK(contains(step.error().message, "this hub itself"));
}

TEST_CASE("what cannot be read of the journal needs a full copy", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    CHECK(sending.run() == Step::idle);
    store.put("CFUTF8Type", "r", "a", "1");
    store.put("CFUTF8Type", "r", "b", "2");
    const JournalRecord record = must(store->read_journal(0, 1)).front();
    store.damage(record.number);
    sending.restart();
    CHECK(sending.run() == Step::needs_copy);
    CHECK(contains(sending.notes().memory().needs_copy, "cannot be read"));
    must(sending.notes().change([](ReplicationMemory& m) { m.resync = true; }));
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().memory().needs_copy.empty());
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == R"({"a":"1","b":"2"})");
}

TEST_CASE("what the target answers tells how it is tried again", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    const auto fault = [&](int status, std::optional<std::chrono::milliseconds> retry_after = {}) {
        wire.instead = [=](const ReplicationRequest&) { return ReplicationAnswer{status, "", retry_after}; };
        const auto step = sending.step();
        REQUIRE_FALSE(step.ok());
        return step.error().code;
    };
    CHECK(fault(500) == Code::unavailable);
    CHECK(fault(401) == Code::unsupported);
    CHECK(fault(403) == Code::unsupported);
    CHECK(fault(429, std::chrono::seconds(7)) == Code::busy);
    CHECK(sending.course().asked_to_wait() == std::chrono::seconds(7));
    // Once it may be something between that answers so.
    wire.instead = [](const ReplicationRequest&) { return ReplicationAnswer{404, "", {}}; };
    CHECK(must(sending.step()) == Step::asks_again);
    wire.instead = [](const ReplicationRequest&) { return std::nullopt; };
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().memory().kind == "hub");
    sending.restart();
    for (int i = 0; i < 5; ++i) CHECK(fault(404) == Code::unsupported);
    CHECK(sending.notes().memory().kind == "hub");
}

TEST_CASE("what knows neither the call of nm-stored nor v0.3 is not taken for a plain server",
          "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    store.put("CFUTF8Type", "r", "a", "1");
    wire.instead = [](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        return ReplicationAnswer{contains(request.path, "hello") ? 404 : 200, "<html>here soon</html>", {}};
    };
    CHECK(must(sending.step()) == Step::asks_again);
    CHECK(must(sending.step()) == Step::asks_again);
    for (int i = 0; i < 3; ++i) CHECK_FALSE(sending.step().ok());
    CHECK(sending.notes().memory().kind.empty());
    wire.instead = [](const ReplicationRequest&) { return std::nullopt; };
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().memory().kind == "hub");
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == R"({"a":"1"})");
}

TEST_CASE("a plain server that turns out to be an nm-stored needs a full copy", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    wire.is_plain();
    Sending sending(store, wire);
    store.put("CFUTF8Type", "r", "a", "1");
    store.count("c", "n", 3);
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().memory().kind == "cloudsandra");
    wire.instead = [](const ReplicationRequest&) { return std::nullopt; };
    SECTION("while it is sent to") {
        store.clock.advance(10'000);
        store.count("c", "n", 3);
    }
    SECTION("while nothing is written") {
        store.clock.advance(10'000);
    }
    SECTION("over a restart") {
        store.count("c", "n", 3);
        sending.restart();
    }
    CHECK(sending.run() == Step::needs_copy);
    CHECK(sending.notes().memory().needs_copy ==
          "the target is an nm-stored, and was taken for a plain server");
    sending.restart();
    CHECK(sending.run() == Step::needs_copy);
    must(sending.notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().memory().kind == "hub");
    store.count("c", "n", 1);
    CHECK(sending.run() == Step::idle);
    CHECK(must(hub.store().counter("c", "n")) == must(store->counter("c", "n")));

    // And is known as a hub from then on.
    TargetHub empty;
    wire.turn_to(empty);
    sending.restart();
    CHECK(sending.run() == Step::needs_copy);
}

TEST_CASE("what left the journal while the target is away is known after a restart too", "[replication]") {
    JournaledStore store;
    store.keep_little();
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    const auto is_lost_after_restart = [&] {
        sending.restart();
        wire.instead = [](const ReplicationRequest&) { return ReplicationAnswer{500, "", {}}; };
        CHECK_FALSE(sending.step().ok());
        must(sending.course().look_at_journal());
        wire.instead = [](const ReplicationRequest&) { return std::nullopt; };
        return contains(sending.notes().memory().needs_copy, "--replicate-keep");
    };
    const auto send_and_forget = [&] {
        const ChangeNumber first = store->journal().first;
        store.put_large(10);
        CHECK(sending.run() == Step::idle);
        store->forget_journal(sending.progress().position.value_or(0));
        CHECK(store->journal().first > first);
    };
    // After a crash nothing is noted: what is gone had been sent.
    send_and_forget();
    store.count("c", "n", 1);
    CHECK_FALSE(is_lost_after_restart());
    CHECK(sending.progress().oldest_ms != 0);

    // What is noted holds as long as the target gets nothing, and not longer.
    CHECK(sending.run() == Step::idle);
    must(sending.course().keep_position());
    CHECK(sending.notes().memory().left_at == sending.progress().position);
    send_and_forget();
    CHECK_FALSE(sending.notes().memory().left_at);
    CHECK_FALSE(is_lost_after_restart());

    CHECK(sending.run() == Step::idle);
    must(sending.course().keep_position());
    store.more_than_kept();
    CHECK(is_lost_after_restart());
}

TEST_CASE("a target is asked for where there is nothing to be sent", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    Sending sending(store, wire);
    store.count("c", "n", 1);
    CHECK(sending.run() == Step::idle);
    wire.asked.clear();
    CHECK(must(sending.step()) == Step::idle);
    CHECK(wire.asked.empty());
    CHECK_FALSE(sending.progress().target_is_standby);

    must(hub.replication->standby().set(true));
    store.clock.advance(10'000);
    CHECK(must(sending.step()) == Step::idle);
    CHECK(wire.asked.size() == 1);
    CHECK(sending.progress().target_is_standby);

    store.clock.advance(10'000);
    wire.instead = [](const ReplicationRequest&) { return ReplicationAnswer{500, "", {}}; };
    CHECK_FALSE(sending.step().ok());
    CHECK_FALSE(sending.progress().connected);
    wire.instead = [](const ReplicationRequest&) { return std::nullopt; };
    CHECK(sending.run() == Step::idle);

    TargetHub empty;
    wire.turn_to(empty);
    store.clock.advance(10'000);
    CHECK(sending.run() == Step::needs_copy);
}

TEST_CASE("a plain server is asked for too where there is nothing to be sent", "[replication]") {
    JournaledStore store;
    TargetHub hub;
    Wire wire(hub);
    wire.is_plain();
    Sending sending(store, wire);
    store.count("c", "n", 1);
    CHECK(sending.run(5) == Step::idle);
    store.clock.advance(10'000);
    wire.asked.clear();
    CHECK(must(sending.step()) == Step::idle);
    CHECK(wire.asked.size() == 1);
    store.clock.advance(10'000);
    wire.instead = [](const ReplicationRequest&) { return ReplicationAnswer{500, "", {}}; };
    CHECK_FALSE(sending.step().ok());
}
