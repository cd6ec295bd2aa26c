// Alerts: changes that were not kept until they were evaluated.
#include <algorithm>
#include <future>
#include <thread>

#include "tests/engine/open_store.h"
#include "tests/server/alert_case.h"

using namespace nmstore;
using nmstore::testing::AlertCase;
using nmstore::testing::must;
using nmstore::testing::TempDirectory;
using nmstore::testing::TestClock;

namespace {

using Texts = std::vector<std::string>;

// Asked by the store when it is read.
class ReadersClock : public Clock {
  public:
    std::int64_t now_ms() const override {
        if (std::this_thread::get_id() == owner && reading) std::exchange(reading, nullptr)();
        return 1'321'900'000'000;
    }
    const std::thread::id owner = std::this_thread::get_id();
    mutable std::function<void()> reading;
};

// Alerts of lines that were written and are not told any more, with rules as "id" and "other".
class Missed {
  public:
    Missed() {
        StoreOptions options;
        options.directory = directory / "db";
        options.clock = &stored;
        options.sync = SyncMode::off;
        store = must(Store::open(options));
        alerts = must(server::Alerts::open(
            *store, clock, metrics,
            [](const server::WebhookRequest&, const std::atomic<bool>&) -> Result<int> { return 204; }));
        for (const char* id : {"id", "other"})
            must(alerts->set_rule(id, R"({"kind":"lines","query":"boom","within":"1h"})"));
        const auto batch = store->begin_lines();
        must(batch->append({"a", "x", clock.now, "boom", {}}));
        must(batch->commit());
        clock.now += 1'000;
    }
    // Meanwhile, once the store is read, somebody else calls, and is answered before it goes on. What of it
    // is kept at that moment is given back.
    std::vector<Store::Note> catch_up(const std::function<void(server::Alerts&)>& call) {
        bool answered = false;
        std::vector<Store::Note> notes;
        std::future<void> other;
        stored.reading = [&] {
            other = std::async(std::launch::async, [&] { call(*alerts); });
            answered = other.wait_for(std::chrono::seconds(60)) == std::future_status::ready;
            notes = must(store->notes("alert state"));
        };
        const ChangeNumber end = store->changes().end;
        alerts->missed(end, end);
        stored.reading = nullptr;
        REQUIRE(other.valid());
        other.get();
        CHECK(answered);
        return notes;
    }

    TempDirectory directory;
    ReadersClock stored;
    TestClock clock;
    server::Metrics metrics;
    std::unique_ptr<Store> store;
    std::unique_ptr<server::Alerts> alerts;
};

std::vector<std::string> rules_of(const std::vector<server::Alerts::Firing>& firing) {
    std::vector<std::string> out;
    for (const auto& each : firing) out.push_back(each.rule->id);
    return out;
}

}  // namespace

TEST_CASE("rules are listed, set and removed while missed lines are read") {
    Missed it;
    SECTION("listed") {
        std::size_t rules = 0;
        it.catch_up([&](server::Alerts& alerts) { rules = alerts.rules().size(); });
        CHECK(rules == 3);
        CHECK(rules_of(it.alerts->firing()) == Texts{"id", "other"});
    }
    SECTION("set: it begins with what comes from then on") {
        it.catch_up([&](server::Alerts& alerts) {
            must(alerts.set_rule("id", R"({"kind":"lines","query":"boom","within":"2h"})"));
        });
        CHECK(rules_of(it.alerts->firing()) == Texts{"other"});
    }
    SECTION("removed") {
        it.catch_up([](server::Alerts& alerts) { must(alerts.remove_rule("id")); });
        CHECK(rules_of(it.alerts->firing()) == Texts{"other"});
    }
    CHECK(it.metrics.alert_rules_reset == 0);
}

TEST_CASE(
    "what is kept while some rules have caught up leads to all alerts once after an end at that moment") {
    Missed it;
    const auto before = must(it.store->notes("alert state"));
    const auto meanwhile = it.catch_up([](server::Alerts& alerts) {
        must(alerts.set_rule("new", R"({"kind":"lines","query":"other","within":"1h"})"));
    });
    // Neither a place behind the missed lines nor a rule that has seen them.
    const auto texts = [](const std::vector<Store::Note>& notes) {
        std::map<std::string, std::string> out;
        for (const Store::Note& note : notes) out[note.name] = note.text.value_or("");
        return out;
    };
    CHECK(texts(meanwhile) == texts(before));
    CHECK(texts(must(it.store->notes("alert state"))).contains("new"));
}

TEST_CASE("lines of changes that are not kept are read from the store, once") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"10m","by":"client"})");
    it.lines("a", {"boom"});
    it.follow();
    it.hub.clock.now += 1'000;
    it.lines("a", {"boom", "quiet", "boom"});
    it.lines("b", {"boom", "boom"});
    it.hub.clock.now += 1'000;
    it.miss();
    CHECK(it.written() == Texts{"r firing a 3"});
    CHECK(it.hub.metrics.alert_gaps == 1);
    CHECK(it.hub.metrics.alert_rules_reset == 0);
    it.follow();
    it.lines("b", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing a 3", "r firing b 3"});
    it.open();  // what was missed is not evaluated after a restart
    it.pass(1'000);
    CHECK(it.written().size() == 2);
    it.pass(601'000);
    CHECK(it.written().size() == 4);
    CHECK(it.alerts->firing().empty());
}

TEST_CASE("changes that are still told after the store was read in their place do not count again") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"10m"})");
    it.set("temp", R"({"kind":"reading","plugin":"t","above":10})");
    it.follow();
    it.hub.clock.now += 1'000;
    it.lines("a", {"boom", "boom", "SEVERE: once"});
    it.reading("a", "t", "11");
    it.hub.clock.now += 1'000;
    it.alerts->missed(it.next, it.next);
    const Texts once = {"severe firing a 1", "temp firing a 0"};
    Texts written = it.written();
    std::sort(written.begin(), written.end());
    CHECK(written == once);
    it.follow();
    it.pass(61'000);
    CHECK(it.written().size() == 2);
    it.lines("a", {"boom"});
    it.follow();
    CHECK(it.written().back() == "r firing - 3");
}

TEST_CASE("what fired before changes were missed is resolved if its lines have become too few") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","within":"10s"})");
    it.lines("a", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing - 1"});
    it.hub.clock.now += 3'600'000;
    it.lines("a", {"boom"});
    it.hub.clock.now += 5'000;
    it.miss();
    CHECK(it.written() == Texts{"r firing - 1", "r resolved - 0", "r firing - 1"});
}

TEST_CASE("readings and SEVERE lines of changes that are not kept are read from the store") {
    AlertCase it;
    it.set("disk", R"({"kind":"reading","plugin":"df","above":90,"for":"1m","clear_for":"0s"})");
    it.reading("a", "df", R"({"date":1,"value":95})");
    it.follow();
    for (const char* value : {"96", "97", "98"}) {
        it.hub.clock.now += 30'000;
        it.reading("a", "df", value);
    }
    it.lines("a", {"SEVERE: lost", "fine", "SEVERE: lost"});
    it.hub.clock.now += 1'000;
    it.miss();
    CHECK(it.written() == Texts{"disk firing a 0", "severe firing a 1"});
    it.pass(1'000);
    it.reading("a", "df", "20");
    it.follow();
    CHECK(it.written() == Texts{"disk firing a 0", "severe firing a 1", "disk resolved a 0"});
}

TEST_CASE("a client that reported while changes were missed is not silent") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1m"})");
    it.lines("a", {"here"});
    it.lines("b", {"here"});
    it.follow();
    it.pass(50'000);
    it.lines("a", {"here"});
    it.hub.clock.now += 20'000;
    it.miss();
    it.follow();
    CHECK(it.written() == Texts{"s firing b 0"});
    it.hub.clock.now += 20'000;
    it.lines("b", {"back"});
    it.miss();
    CHECK(it.written() == Texts{"s firing b 0", "s resolved b 0"});
}

TEST_CASE("a rule whose lines are too many to be read again begins anew, and says so") {
    query::Limits few;
    few.lines = 100;
    AlertCase it(few);
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"10m"})");
    it.lines("a", {"boom", "boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing - 2"});
    it.hub.clock.now += 1'000;
    it.lines("a", std::vector<std::string>(10'000, "boom and more"));
    it.hub.clock.now += 1'000;
    it.miss();
    CHECK(it.hub.metrics.alert_rules_reset >= 1);
    const Texts written = it.written();
    REQUIRE(written.size() >= 3);
    CHECK(written[1] == "r resolved - 2");
    CHECK(written[2] == "r reset - 0");
    CHECK(it.alerts->firing().empty());
    it.lines("a", {"boom", "boom"});
    it.follow();
    CHECK(it.alerts->firing().size() == 1);
}
