// What is sent to a server that knows CloudSandra's v0.3 and nothing of replication.
#include <random>

#include "tests/server/replication_plain_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

TEST_CASE("a plain server gets families, cells, removals and counters in an order that comes to the same",
          "[replication]") {
    PlainCase plain;
    JournaledStore& store = plain.store;
    must(store->create_family("Own", ValueType::long_));
    must(store->declare_column("Own", "5", ValueType::utf8, std::nullopt));
    store.put("Own", "r", "5", "five");
    store.put("CFUTF8Type", "r", "a", "1");
    store.put("CFUTF8Type", "gone", "a", "1");
    must(store->remove_row("CFUTF8Type", "r"));
    store.put("CFUTF8Type", "r", "b", "2");
    must(store->remove_cell("CFUTF8Type", "gone", "a"));
    store.put("CFUTF8Type", "r", "t", "3", 100);
    store.count("c", "n", 5);
    store.count("c", "n", -2);
    store.count("c", "m", 1);
    must(store->remove_counters("c", "n"));
    store.count("c", "n", 10);
    plain.run(2);
    CHECK(plain.sending->notes().memory().kind == "cloudsandra");
    CHECK(plain.row("r") == R"({"b":"2","t":"3"})");
    CHECK(plain.row("gone") == "{}");
    CHECK(plain.row("r", "Own") == R"({"5":"five"})");
    CHECK(plain.hub.get("/v0.3/COUNTER/c").body == R"({"m":"1","n":"10"})");
    const auto cell = must(plain.hub.store().get("CFUTF8Type", "r", "t"));
    REQUIRE(cell);
    CHECK(cell->expires_at_ms == plain.hub.clock.now + 100'000);
    CHECK(plain.sending->notes().refused_count() == 0);

    plain.wire.asked.clear();
    plain.sending->restart();
    plain.run();
    CHECK(plain.wire.asked ==
          std::vector<std::string>{plain.wire.asked.front()});  // hello, and nothing again
}

TEST_CASE("lines go as the cells that the store shows", "[replication]") {
    PlainCase plain;
    plain.store.append("h", "/var/log/x", 1308700800000, "first");
    plain.store.append("h", "/var/log/x", 1308700800000, "second");
    plain.store.append("h", "/var/log/x", 1308700805000, "third");
    plain.run(2);
    const std::string row = "h:logs:_var_log_x:2011:5:22";
    const Slice here = must(plain.store->slice("CFLongType", row, {}));
    const Slice there = must(plain.hub.store().slice("CFLongType", row, {}));
    REQUIRE(here.cells.size() == 2);
    REQUIRE(there.cells.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(there.cells[i].column == here.cells[i].column);
        CHECK(there.cells[i].value == here.cells[i].value);
    }
}

TEST_CASE("bytes that are no text go by form, and an expired cell for one second", "[replication]") {
    PlainCase plain;
    plain.store.put("CFUTF8Type", "r", "a", "\xff\x01&=");
    plain.store.put("CFUTF8Type", "r", "b", "short", 10);
    plain.store.clock.advance(60'000);
    plain.run(2);
    const auto cell = must(plain.hub.store().get("CFUTF8Type", "r", "a"));
    REQUIRE(cell);
    CHECK(cell->value == "\xff\x01&=");
    const auto expired = must(plain.hub.store().get("CFUTF8Type", "r", "b"));
    REQUIRE(expired);
    CHECK(expired->expires_at_ms == plain.hub.clock.now + 1000);
}

TEST_CASE("a value that is named as wrong is set aside, and the rest counts as written", "[replication]") {
    PlainCase plain;
    must(plain.hub.store().declare_column("CFUTF8Type", "n", ValueType::long_, std::nullopt));
    plain.store.put("CFUTF8Type", "r", "n", "no number");
    plain.store.put("CFUTF8Type", "r", "a", "good");
    plain.run(2);
    CHECK(plain.row("r") == R"({"a":"good"})");
    const auto refused = plain.sending->notes().refused();
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].value.what == "CFUTF8Type/r/n");
    CHECK(refused[0].value.value == "no number");
    CHECK(contains(refused[0].value.why, "LongType"));
}

TEST_CASE("where nothing is named the one value is looked for", "[replication]") {
    PlainCase plain;
    for (int i = 0; i < 20; ++i)
        plain.store.put("CFUTF8Type", "r", "c" + std::to_string(i), std::to_string(i));
    plain.store.put("CFUTF8Type", "r", "bad", "poison");
    plain.wire.instead = plain_but([](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!contains(std::string(request.body), "poison")) return std::nullopt;
        return ReplicationAnswer{400, R"({"status":"400","detail":"no"})", {}};
    });
    plain.run(2);
    CHECK(must(plain.hub.store().slice("CFUTF8Type", "r", {})).cells.size() == 20);
    const auto refused = plain.sending->notes().refused();
    REQUIRE(refused.size() == 1);
    CHECK(contains(refused[0].value.what, "CFUTF8Type/r/bad"));
    CHECK(refused[0].value.value == "poison");
    CHECK(contains(refused[0].value.why, "no"));
}

TEST_CASE("a step of a counter is sent once, whatever answers are lost, also over a restart",
          "[replication]") {
    PlainCase plain;
    bool arrives = false;
    SECTION("the step has arrived") {
        arrives = true;
    }
    SECTION("the step has not arrived") {
        arrives = false;
    }
    plain.store.count("c", "n", 5);
    bool fails = true;
    const auto is_step = [](const ReplicationRequest& request) {
        return request.method == "POST" && request.path.starts_with("/v0.3/COUNTER");
    };
    plain.wire.instead =
        plain_but([&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            if (!is_step(request) || !fails || arrives) return std::nullopt;
            return ReplicationAnswer{500, "", {}};
        });
    plain.wire.loses = [&](const ReplicationRequest& request) {
        return is_step(request) && fails && arrives;
    };
    for (int i = 0; i < 3; ++i) (void)plain.sending->step();  // two answers about hello
    REQUIRE(plain.sending->notes().pending());
    CHECK(plain.sending->notes().pending()->counters.size() == 1);
    plain.store.count("c", "n", 2);
    plain.sending->restart();
    fails = false;
    plain.run();
    CHECK(plain.hub.get("/v0.3/COUNTER/c/n").body == R"({"n":"7"})");
    CHECK_FALSE(plain.sending->notes().pending());
    CHECK(plain.sending->notes().refused_count() == 0);
}

TEST_CASE("where somebody else moves the counter an uncertain step is set aside", "[replication]") {
    PlainCase plain;
    plain.store.count("c", "n", 5);
    bool fails = true;
    plain.wire.instead =
        plain_but([&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            if (request.method != "POST" || !request.path.starts_with("/v0.3/COUNTER") || !fails)
                return std::nullopt;
            return ReplicationAnswer{500, "", {}};
        });
    for (int i = 0; i < 3; ++i) (void)plain.sending->step();
    plain.hub.post("/v0.3/COUNTER/c/n", "increment=100");
    fails = false;
    plain.run();
    CHECK(plain.hub.get("/v0.3/COUNTER/c/n").body == R"({"n":"100"})");
    REQUIRE(plain.sending->notes().refused_count() == 1);
    CHECK(plain.sending->notes().refused()[0].value.what == "counters/c/n");
    CHECK(plain.sending->notes().refused()[0].value.value == "5");
}

TEST_CASE("a full copy to a plain server brings cells, lines and values of counters", "[replication]") {
    PlainCase plain;
    plain.store.put("CFUTF8Type", "r", "a", "1");
    plain.store.append("h", "/var/log/x", 1308700800000, "a line");
    plain.store.count("c", "n", 5);
    plain.hub.post("/v0.3/COUNTER/c/n", "increment=100");
    must(plain.sending->notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
    plain.run(2);
    CHECK(plain.row("r") == R"({"a":"1"})");
    CHECK(contains(plain.row("h:logs:_var_log_x:2011:5:22", "CFLongType"), "a%20line"));
    CHECK(plain.hub.get("/v0.3/COUNTER/c/n").body == R"({"n":"5"})");
    plain.store.count("c", "n", 1);
    plain.run();
    CHECK(plain.hub.get("/v0.3/COUNTER/c/n").body == R"({"n":"6"})");
}

TEST_CASE("a counter that a copy brought here and that was removed then is not at a plain server",
          "[replication]") {
    PlainCase plain;
    plain.run(2);
    JournaledStore first;
    for (const char* column : {"x", "y"}) first.count("r", column, 5);
    first.count("gone", "x", 5);
    const auto copy = must(first->copy_for_journal({}));
    const JournalLink link{first->hub_id(), std::string(kCopyStream) + "1"};
    while (const auto record = must(copy->next(1 << 20)))
        must(plain.store->apply_journal(link, {{record->number, record->bytes}}, record->number + 1));
    must(plain.store->remove_counters("r", "x"));
    must(plain.store->remove_counters("gone", std::nullopt));
    plain.store.count("r", "y", 1);
    plain.run();
    CHECK(plain.hub.get("/v0.3/COUNTER/r").body == R"({"y":"6"})");
    CHECK(plain.hub.get("/v0.3/COUNTER/gone").body == "{}");
    plain.store.count("r", "x", 2);
    plain.run();
    CHECK(plain.hub.get("/v0.3/COUNTER/r").body == R"({"x":"2","y":"6"})");
}

TEST_CASE("a full copy to a plain server removes nothing, and sends the times that lines have",
          "[replication]") {
    PlainCase plain;
    plain.store.put("CFUTF8Type", "r", "a", "1");
    plain.hub.post("/v0.3/DATA/CFUTF8Type/r", "a=0&theirs=2");
    must(plain.sending->notes().change([](ReplicationMemory& memory) { memory.resync = true; }));
    plain.wire.asked.clear();
    plain.run();
    CHECK(plain.row("r") == R"({"a":"1","theirs":"2"})");
    for (const std::string& asked : plain.wire.asked) CHECK_FALSE(asked.starts_with("DELETE"));
}

TEST_CASE("of blocks that lie among others in time each line is sent once", "[replication]") {
    PlainCase plain;
    plain.store.sealing.direct_bytes = GENERATE(100, 1'000'000);
    plain.store.reopen();
    plain.sending->restart();
    plain.run();
    std::size_t bytes = 0;
    plain.wire.instead =
        plain_but([&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
            bytes += request.body.size();
            return std::nullopt;
        });
    // Steps of a second, so that many times are near, and of a minute, so that none is.
    const int step_ms = GENERATE(1'000, 60'000);
    constexpr int kPosts = 10, kLines = 50;
    std::vector<std::size_t> sent;
    for (int post = 0; post < kPosts; ++post) {
        const auto batch = plain.store->begin_lines();
        for (int i = 0; i < kLines; ++i) {
            const std::int64_t time_ms =
                1308700800000 + static_cast<std::int64_t>(i) * step_ms * kPosts / 10 + post * 7;
            must(batch->append(
                {"h", "/x", time_ms, "line " + std::to_string(i) + " of " + std::to_string(post), {}}));
        }
        must(batch->commit());
        bytes = 0;
        plain.run();
        sent.push_back(bytes);
    }
    REQUIRE(must(plain.store->log_rows({})).size() == 1);
    CHECK(plain.store->stats().blocks == (plain.store.sealing.direct_bytes == 100 ? kPosts : 0));
    CHECK(sent.back() < 2 * sent.front());
    const std::string row = "h:logs:_x:2011:5:22";
    const Slice here = must(plain.store->slice("CFLongType", row, {}));
    const Slice there = must(plain.hub.store().slice("CFLongType", row, {}));
    REQUIRE(here.cells.size() == kPosts * kLines);
    REQUIRE(there.cells.size() == here.cells.size());
    for (std::size_t i = 0; i < here.cells.size(); ++i) CHECK(there.cells[i].value == here.cells[i].value);
}

TEST_CASE("behind a line on which many calls fail all arrives, and counters once", "[replication]") {
    PlainCase plain;
    for (int i = 0; i < 20; ++i) {
        plain.store.put("CFUTF8Type", "r" + std::to_string(i), "a", std::to_string(i));
        plain.store.count("c", "n" + std::to_string(i % 4), i);
        if (i % 5 == 4) must(plain.store->remove_row("CFUTF8Type", "r" + std::to_string(i)));
    }
    std::minstd_rand random(7);
    plain.wire.instead = plain_but([&random](const ReplicationRequest&) -> std::optional<ReplicationAnswer> {
        if (random() % 4 == 0) return ReplicationAnswer{500, "", {}};
        return std::nullopt;
    });
    plain.wire.loses = [&random](const ReplicationRequest&) { return random() % 4 == 0; };
    plain.run(500);
    CHECK(plain.hub.get("/v0.3/COUNTER/c").body == R"({"n0":"40","n1":"45","n2":"50","n3":"55"})");
    for (int i = 0; i < 20; ++i) {
        const std::string value = i % 5 == 4 ? "{}" : "{\"a\":\"" + std::to_string(i) + "\"}";
        CHECK(plain.row("r" + std::to_string(i)) == value);
    }
    CHECK(plain.sending->notes().refused_count() == 0);
}
