// What a plain server does not take is set aside, stays so whatever fails next, and holds up nothing.
#include <set>

#include "tests/server/replication_plain_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;
using Step = ReplicationCourse::Step;

namespace {

bool is_step_of(const ReplicationRequest& request, const std::string& counter) {
    return request.method == "POST" && request.path == "/v0.3/COUNTER/" + counter;
}

}  // namespace

TEST_CASE("a counter that is refused in any way is set aside as a cell is", "[replication]") {
    const bool asked_too = GENERATE(false, true);  // its value, too
    for (const int status : {400, 404, 405, 409, 413, 414, 422, 431}) {
        INFO(status);
        PlainCase plain;
        plain.store.put("CFUTF8Type", "bad", "a", "1");
        plain.store.count("bad", "c", 5);
        plain.store.count("good", "c", 7);
        plain.wire.instead =
            plain_but([=](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
                const bool is_bad =
                    contains(request.path, "/bad/c") || contains(std::string(request.body), "bad");
                if (!is_bad || (request.method == "GET" && !asked_too)) return std::nullopt;
                return ReplicationAnswer{status, "", {}};
            });
        plain.run(2);
        plain.store.put("CFUTF8Type", "after", "a", "1");
        plain.run();
        CHECK(plain.row("after") == R"({"a":"1"})");
        CHECK(plain.hub.get("/v0.3/COUNTER/good/c").body == R"({"c":"7"})");
        std::multiset<std::string> what;
        for (const KeptRefused& each : plain.sending->notes().refused()) what.insert(each.value.what);
        CHECK(what == std::multiset<std::string>{"CFUTF8Type/bad/a", "counters/bad/c"});
    }
}

TEST_CASE("what something between refuses is not set aside", "[replication]") {
    PlainCase plain;
    plain.run(2);
    bool fails = true;
    plain.wire.instead = plain_but([&](const ReplicationRequest&) -> std::optional<ReplicationAnswer> {
        if (!fails) return std::nullopt;
        return ReplicationAnswer{404, "<html>no such site</html>", {}};
    });
    plain.store.put("CFUTF8Type", "r", "a", "1");
    for (int i = 0; i < 3; ++i) CHECK_FALSE(plain.sending->step().ok());
    CHECK(plain.sending->notes().refused_count() == 0);
    fails = false;
    plain.run();
    CHECK(plain.row("r") == R"({"a":"1"})");
}

TEST_CASE("a step that is set aside is not forgotten when the next call fails", "[replication]") {
    PlainCase plain;
    plain.store.count("c", "n", 5);
    bool lost = true;
    plain.wire.loses = [&](const ReplicationRequest& request) { return lost && is_step_of(request, "c/n"); };
    for (int i = 0; i < 3; ++i) (void)plain.sending->step();  // two are of hello
    plain.hub.post("/v0.3/COUNTER/c/n", "increment=100");     // so that nobody knows about the 5
    lost = false;
    plain.store.put("CFUTF8Type", "r", "a", "1");
    bool fails = true;
    plain.wire.instead =
        plain_but([&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            if (!fails || !contains(request.path, "/DATA/")) return std::nullopt;
            return ReplicationAnswer{500, "", {}};
        });
    CHECK_FALSE(plain.sending->step().ok());
    CHECK(plain.sending->notes().refused_count() == 1);
    plain.sending->restart();
    fails = false;
    plain.run();
    CHECK(plain.row("r") == R"({"a":"1"})");
    REQUIRE(plain.sending->notes().refused_count() == 1);
    CHECK(plain.sending->notes().refused()[0].value.what == "counters/c/n");
}

TEST_CASE("a counter whose name is refused stays set aside when the others' steps fail", "[replication]") {
    PlainCase plain;
    plain.store.count("bad", "c", 5);
    plain.store.count("good", "c", 7);
    bool fails = true;
    plain.wire.instead =
        plain_but([&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            if (contains(request.path, "/bad/c")) return ReplicationAnswer{414, "", {}};
            if (fails && is_step_of(request, "good/c")) return ReplicationAnswer{500, "", {}};
            return std::nullopt;
        });
    for (int i = 0; i < 3; ++i) (void)plain.sending->step();  // two are of hello
    plain.sending->restart();
    fails = false;
    plain.run();
    CHECK(plain.hub.get("/v0.3/COUNTER/good/c").body == R"({"c":"7"})");
    REQUIRE(plain.sending->notes().refused_count() == 1);
    CHECK(plain.sending->notes().refused()[0].value.what == "counters/bad/c");
}

TEST_CASE("a value that is set aside is kept with the position", "[replication]") {
    PlainCase plain;
    must(plain.hub.store().declare_column("CFUTF8Type", "n", ValueType::long_, std::nullopt));
    plain.run(2);
    plain.store.put("CFUTF8Type", "r", "n", "no number");
    // The step's own error is what a kill would be: nothing but the link's notes is kept.
    ReplicationCloudsandraLink link(plain.wire.call(), *plain.store, plain.store.clock,
                                    plain.sending->notes(), {});
    const ReplicationBatch batch{0, plain.store->journal().end, must(plain.store->read_journal(0, 1 << 20))};
    CHECK(must(link.send(batch)).refused.empty());
    CHECK(plain.sending->notes().memory().position == plain.store->journal().end);
    CHECK(plain.sending->notes().refused_count() == 1);
}

TEST_CASE("a family that is dropped there already is not set aside", "[replication]") {
    PlainCase plain;
    must(plain.store->create_family("Own", ValueType::utf8));
    must(plain.store->create_family("Kept", ValueType::utf8));
    plain.run(2);
    plain.wire.instead =
        plain_but([&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            if (request.method != "DELETE") return std::nullopt;
            if (contains(request.path, "Own")) (void)plain.hub.del(request.path);
            return ReplicationAnswer{400, R"({"status":"400","detail":"no"})", {}};
        });
    must(plain.store->drop_family("Own"));
    plain.run();
    CHECK(plain.sending->notes().refused_count() == 0);
    must(plain.store->drop_family("Kept"));
    plain.run();
    REQUIRE(plain.sending->notes().refused_count() == 1);
    CHECK(contains(plain.sending->notes().refused()[0].value.what, "Kept"));
}

TEST_CASE("names of dots are encoded, and a removal that goes astray is set aside", "[replication]") {
    PlainCase plain;
    plain.store.put("CFUTF8Type", "..", ".", "1");
    plain.store.put("CFUTF8Type", "..", "x", "2");
    plain.run(2);
    plain.wire.asked.clear();
    must(plain.store->remove_cell("CFUTF8Type", "..", "."));
    plain.run();
    CHECK(plain.wire.asked.back() == "DELETE /v0.3/DATA/CFUTF8Type/%2E%2E/%2E");
    CHECK(plain.row("%2E%2E") == R"({"x":"2"})");
    plain.wire.instead = plain_but([](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!contains(request.path, "%2E")) return std::nullopt;
        return ReplicationAnswer{404, "", {}};
    });
    must(plain.store->remove_row("CFUTF8Type", ".."));
    plain.store.put("CFUTF8Type", "after", "a", "1");
    plain.run();
    CHECK(plain.row("after") == R"({"a":"1"})");
    REQUIRE(plain.sending->notes().refused_count() == 1);
    CHECK(contains(plain.sending->notes().refused()[0].value.what, "DELETE CFUTF8Type/.."));
}

TEST_CASE("entries of a bulk post are counted once, although the target counts those of bulk posts itself",
          "[replication]") {
    PlainCase plain;
    const std::string row = "10.0.0.1:logs:_x:2011:5:22";
    const auto batch = must(plain.store->begin_cells(kTimeFamily, true));
    for (int i = 0; i < 5; ++i)
        must(batch->put(row, std::to_string(1308700800000 + i), "value " + std::to_string(i),
                        i == 3 ? 600 : 0));
    must(batch->put("other row", "7", "value", 0));
    must(batch->commit());
    REQUIRE(must(plain.store->counter(row, "logs")) == 5);
    plain.run(2);
    CHECK(plain.hub.get("/v0.3/COUNTER/" + row + "/logs").body == R"({"logs":"5"})");
    const Slice there = must(plain.hub.store().slice(kTimeFamily, row, {}));
    REQUIRE(there.cells.size() == 5);
    CHECK(there.cells[1].value == "value 1");
    CHECK(there.cells[3].expires_at_ms == plain.hub.clock.now + 600'000);
    CHECK(there.cells[4].expires_at_ms == 0);
    CHECK(plain.row("other%20row", "CFLongType") == R"({"7":"value"})");

    // One that the target does not take is found among them.
    plain.wire.instead = plain_but([](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!contains(std::string(request.body), "poison")) return std::nullopt;
        return ReplicationAnswer{400, "", {}};
    });
    for (int i = 0; i < 9; ++i)
        plain.store.put("CFLongType", row, std::to_string(1308700801000 + i), i == 4 ? "poison" : "good");
    plain.run();
    CHECK(must(plain.hub.store().slice(kTimeFamily, row, {})).cells.size() == 13);
    REQUIRE(plain.sending->notes().refused_count() == 1);
    CHECK(plain.sending->notes().refused()[0].value.value == "poison");
}

TEST_CASE("what a hub refuses is known although the answer is lost, and listed once", "[replication]") {
    JournaledStore store;
    auto hub = std::make_unique<TargetHub>();
    Wire wire(*hub);
    Sending sending(store, wire);
    CHECK(sending.run() == Step::idle);
    must(hub->store().declare_column("CFUTF8Type", "n", ValueType::long_, std::nullopt));
    store.put("CFUTF8Type", "r", "n", "no number \xff");
    store.put("CFUTF8Type", "s", "n", "nor this");
    bool lost = true;
    wire.loses = [&](const ReplicationRequest& request) {
        return lost && contains(request.path, "/records");
    };
    CHECK_FALSE(sending.step().ok());
    CHECK(sending.notes().refused_count() == 0);
    lost = false;
    SECTION("in one go") {
        CHECK(sending.run() == Step::idle);
    }
    SECTION("over a restart of both") {
        const auto again = must(Replication::open(hub->store(), hub->clock, {}));
        hub->context.replication = again.get();
        sending.restart();
        CHECK(sending.run() == Step::idle);
        hub->context.replication = hub->replication.get();
    }
    const auto refused = sending.notes().refused();
    REQUIRE(refused.size() == 2);
    CHECK(refused[0].value.what == "CFUTF8Type/r/n");
    CHECK(refused[0].value.value == "no number \xef\xbf\xbd");
    CHECK(refused[1].value.value == "nor this");
    // It is told again as long as nothing follows; and not listed again, nor once it has been looked at.
    sending.restart();
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().refused_count() == 2);
    must(sending.notes().clear_refused());
    sending.restart();
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().refused_count() == 0);
    const std::string hello = "/api/v1/replication/hello?stream=&hub=" + store->hub_id();
    CHECK(contains(hub->get(hello).body, "nor this"));
    store.put("CFUTF8Type", "s", "a", "good");
    CHECK(sending.run() == Step::idle);
    CHECK_FALSE(contains(hub->get(hello).body, "refused"));
    store.put("CFUTF8Type", "s", "n", "nor that");
    CHECK(sending.run() == Step::idle);
    CHECK(sending.notes().refused_count() == 1);
}

TEST_CASE("what is refused of a link is kept within bounds, the newest", "[replication]") {
    JournaledStore store;
    ReplicationUntold untold(*store);
    const JournalLink link{"0123", "a stream"};
    const auto set = [&](const JournalLink& of, ReplicationUntold::Refused what) {
        must(store->put_notes(kReplicationArea, untold.set(of, std::move(what))));
    };
    ReplicationUntold::Refused refused;
    for (ChangeNumber i = 1; i <= 2000; ++i) refused.push_back({i, "what", "why", "value"});
    set(link, refused);
    CHECK(untold.of(link).size() == kMaxReplicationRefused);
    CHECK(untold.of(link).back().number == 2000);
    refused.assign(1000, {1, std::string(1000, 'x'), "", ""});
    set(link, refused);
    CHECK(untold.of(link).size() == kMaxUntoldBytes / 1000);
    ReplicationUntold again(*store);
    must(again.load(must(store->notes(kReplicationArea))));
    CHECK(again.of(link).size() == kMaxUntoldBytes / 1000);
    for (std::size_t i = 1; i < kMaxUntoldLinks + 10; ++i)
        set({std::to_string(i), ""}, {{1, "what", "", ""}});
    CHECK(untold.of({std::to_string(kMaxUntoldLinks - 1), ""}).size() == 1);
    CHECK(untold.of({std::to_string(kMaxUntoldLinks), ""}).empty());
    must(untold.forget(link));
    CHECK(untold.of(link).empty());
    ReplicationUntold third(*store);
    must(third.load(must(store->notes(kReplicationArea))));
    CHECK(third.of(link).empty());
}
