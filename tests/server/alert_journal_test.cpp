// Alerts: what is left after an end at any moment, and while the store cannot be written.
#include "server/alert_journal.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "tests/engine/open_store.h"
#include "tests/eventually.h"
#include "tests/server/alert_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

using Texts = std::vector<std::string>;
constexpr std::string_view kArea = "alert state";

std::vector<Store::Note> notes_of(AlertCase& it) {
    const auto notes = it.hub.store().notes(kArea);
    REQUIRE(notes.ok());
    return *notes;
}

// As if the process had ended when the area was so, whatever it wrote elsewhere.
void end_at(AlertCase& it, const std::vector<Store::Note>& notes) {
    it.alerts->stop();
    std::vector<Store::Note> put;
    for (const Store::Note& note : notes_of(it)) put.push_back({note.name, std::nullopt});
    put.insert(put.end(), notes.begin(), notes.end());
    REQUIRE(it.hub.store().put_notes(kArea, put).ok());
    it.open();
}

bool is_alert(const Store::Note& note) {
    return note.name.starts_with("#alert ");
}

Alert some_alert(const std::string& client, std::int64_t time_ms) {
    auto rule = std::make_shared<AlertRule>();
    rule->id = "r";
    Alert alert;
    alert.rule = rule;
    alert.client = client;
    alert.group = client;
    alert.time_ms = alert.since_ms = time_ms;
    alert.text = "100% of " + client;
    alert.seal();
    return alert;
}

}  // namespace

TEST_CASE("the server may end between any two looks at the clock: what time brings is an alert once") {
    // What is in the notes and in the row each time.
    struct Moment {
        std::vector<Store::Note> notes;
        std::size_t alerts = 0;
    };
    class WatchedClock : public Clock {
      public:
        std::int64_t now_ms() const override {
            if (std::this_thread::get_id() == owner && looking) {
                const auto look = std::exchange(looking, nullptr);
                look();
                looking = look;
            }
            return now;
        }
        std::atomic<std::int64_t> now{1'308'700'800'000};  // 2011-06-22
        const std::thread::id owner = std::this_thread::get_id();
        mutable std::function<void()> looking;
    };
    OpenedStore store;
    WatchedClock clock;
    Metrics metrics;
    const auto post = [](const WebhookRequest&, const std::atomic<bool>&) -> Result<int> { return 204; };
    std::unique_ptr<Alerts> alerts;
    ChangeNumber next = 0;
    const auto open = [&] {
        alerts.reset();
        alerts = must(Alerts::open(*store, clock, metrics, post));
        next = *alerts->wants_from();
    };
    const auto pass = [&](std::int64_t ms) {
        clock.now += ms;
        for (const Change& change : must(store->read_changes(next, SIZE_MAX))) {
            for (const ChangedRow& changed : change.rows) {
                const auto changed_row = must(store->log_row(changed.row));
                if (changed_row) alerts->on_row(change, changed, *changed_row);
            }
            alerts->on_end(change);
            next = change.number + 1;
        }
        alerts->on_rest(next);
    };
    const std::string row = "alerts:2011:5:22";
    const auto cells = [&] { return must(store->slice(kTimeFamily, row, {})).cells; };
    open();
    must(alerts->set_rule("s", R"({"kind":"silent","after":"1m"})"));
    const auto batch = store->begin_lines();
    must(batch->append({"a", "x", clock.now, "here", {}}));
    must(batch->commit());
    pass(0);
    std::vector<Moment> moments;
    clock.looking = [&] { moments.push_back({must(store->notes(kArea)), cells().size()}); };
    pass(61'000);
    clock.looking = nullptr;
    REQUIRE(cells().size() == 1);
    bool kept_and_not_written = false;
    for (const Moment& moment : moments) {
        alerts.reset();
        std::vector<Store::Note> put;
        for (const Store::Note& note : must(store->notes(kArea))) put.push_back({note.name, std::nullopt});
        put.insert(put.end(), moment.notes.begin(), moment.notes.end());
        must(store->put_notes(kArea, put));
        if (moment.alerts == 0) must(store->remove_row(kTimeFamily, row));
        kept_and_not_written =
            kept_and_not_written ||
            (moment.alerts == 0 && std::any_of(moment.notes.begin(), moment.notes.end(), is_alert));
        open();
        pass(100);
        pass(120'000);
        CHECK(cells().size() == 1);
        CHECK(alerts->firing().size() == 1);
    }
    CHECK(kept_and_not_written);
}

TEST_CASE("an alert that time brought is written after an end between what is kept and what is written") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1m"})");
    it.lines("a", {"here"});
    it.follow();
    Metrics metrics;
    Webhooks webhooks(it.hub.store(), it.hub.clock, metrics,
                      [](const WebhookRequest&, const std::atomic<bool>&) -> Result<int> { return 204; });
    AlertJournal journal(it.hub.store(), kArea, webhooks, metrics);
    journal.add(some_alert("b", it.hub.clock.now));
    // Nothing is written before it is kept.
    REQUIRE(journal.write().ok());
    CHECK(it.written().empty());
    REQUIRE(it.hub.store().put_notes(kArea, journal.notes()).ok());
    SECTION("it is not in its row") {
        CHECK(it.written().empty());
    }
    SECTION("it is in its row, and its note is still there") {
        const auto notes = journal.notes();
        journal.kept();
        REQUIRE(journal.write().ok());
        CHECK(it.written().size() == 1);
        REQUIRE(it.hub.store().put_notes(kArea, notes).ok());
    }
    it.open();
    it.follow();
    CHECK(it.written() == Texts{"r firing b 0"});
    for (const Store::Note& note : notes_of(it)) CHECK_FALSE(is_alert(note));
    it.open();
    it.pass(1'000);
    CHECK(it.written() == Texts{"r firing b 0"});
}

TEST_CASE("what an agent posts at the place that an alert was to have stays, and the alert takes another") {
    // Asked by the webhooks once places are found, and before anything is written there.
    class InterruptingClock : public Clock {
      public:
        std::int64_t now_ms() const override {
            if (std::this_thread::get_id() == owner && between) std::exchange(between, nullptr)();
            return now;
        }
        const std::int64_t now = 1'308'700'800'000;  // 2011-06-22
        const std::thread::id owner = std::this_thread::get_id();
        mutable std::function<void()> between;
    };
    OpenedStore store;
    InterruptingClock clock;
    Metrics metrics;
    Webhooks webhooks(*store, clock, metrics,
                      [](const WebhookRequest&, const std::atomic<bool>&) -> Result<int> { return 204; });
    AlertJournal journal(*store, kArea, webhooks, metrics);
    for (const char* client : {"a", "b"}) {
        Alert alert = some_alert(client, clock.now);
        auto rule = std::make_shared<AlertRule>(*alert.rule);
        rule->url = "http://127.0.0.1:1/";
        alert.rule = rule;
        journal.add(alert);
    }
    must(store->put_notes(kArea, journal.notes()));
    journal.kept();
    const std::string row = "alerts:2011:5:22";
    clock.between = [&] { store.put(std::string(kTimeFamily), row, std::to_string(clock.now + 1), "mine"); };
    must(journal.write());
    const std::vector<Cell> cells = must(store->slice(kTimeFamily, row, {})).cells;
    REQUIRE(cells.size() == 3);
    CHECK(alert_id_of(cells[0].value) == some_alert("a", clock.now).id);
    CHECK(cells[1].value == "mine");
    CHECK(alert_id_of(cells[2].value) == some_alert("b", clock.now).id);
    CHECK(cells[2].column == std::to_string(clock.now + 2));
    CHECK(metrics.alerts_written == 2);
    CHECK(metrics.webhooks_waiting == 2);
    CHECK(journal.size() == 0);
}

TEST_CASE("a rule for silent clients goes on as it was at any moment at which the server ended") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1m"})");
    it.lines("a", {"here"});
    it.follow();
    it.pass(61'000);
    const auto fired = notes_of(it);
    REQUIRE(it.written() == Texts{"s firing a 0"});
    it.lines("a", {"back"});
    it.follow();
    REQUIRE(it.written() == Texts{"s firing a 0", "s resolved a 0"});
    // What came behind the state is evaluated again, and known.
    end_at(it, fired);
    it.follow();
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
    CHECK(it.alerts->firing().empty());
}

TEST_CASE("what fires of a rule is resolved after an end in the middle of changing or removing it") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","within":"1h"})");
    it.lines("a", {"boom"});
    it.follow();
    REQUIRE(it.written() == Texts{"r firing - 1"});
    std::string resolved;
    SECTION("changed") {
        REQUIRE(it.hub.store()
                    .put_notes("alert rules", {{"r", R"({"kind":"lines","query":"other","within":"1h"})"}})
                    .ok());
        resolved = "r resolved - 1";
    }
    SECTION("removed") {
        REQUIRE(it.hub.store().put_notes("alert rules", {{"r", std::nullopt}}).ok());
        resolved = "r resolved - 0";
    }
    it.open();
    it.pass(1'000);
    CHECK(it.written() == Texts{"r firing - 1", resolved});
    CHECK(it.alerts->firing().empty());
    it.open();
    it.pass(1'000);
    CHECK(it.written().size() == 2);
}

TEST_CASE("half a change is not saved when a rule is set in the middle of it") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"1h"})");
    it.follow();
    auto batch = it.hub.store().begin_lines();
    for (const char* client : {"a", "b"})
        REQUIRE(batch->append({client, "x", it.hub.clock.now, "boom", {}}).ok());
    REQUIRE(batch->commit().ok());
    const auto changes = it.hub.store().read_changes(it.next, SIZE_MAX);
    REQUIRE(changes.ok());
    const Change& change = changes->back();
    REQUIRE(change.rows.size() == 2);
    const auto row = it.hub.store().log_row(change.rows[0].row);
    it.alerts->on_row(change, change.rows[0], **row);
    it.set("other", R"({"kind":"lines","query":"quiet"})");
    const auto half = notes_of(it);
    it.alerts->on_end(change);
    end_at(it, half);
    it.follow();
    CHECK(it.written().empty());  // two lines, and not three
    it.lines("c", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing - 3"});
}

TEST_CASE("more alerts than may wait at once are all written if the store takes them") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1m"})");
    const std::size_t clients = kMaxAlertsWaiting + 500;
    auto batch = it.hub.store().begin_lines();
    for (std::size_t i = 0; i < clients; ++i) {
        const std::string client = "c" + std::to_string(i);
        REQUIRE(batch->append({client, "x", it.hub.clock.now, "here", {}}).ok());
    }
    REQUIRE(batch->commit().ok());
    it.follow();
    it.pass(61'000);
    CHECK(it.alerts->firing().size() == clients);
    CHECK(it.hub.metrics.alerts_written == static_cast<std::int64_t>(clients));
    CHECK(it.hub.metrics.alerts_lost == 0);
}

TEST_CASE("one commit that leads to more alerts than may wait loses none of them") {
    AlertCase it;
    constexpr std::size_t kClients = 1'000, kRules = kMaxAlertsWaiting / kClients + 1;
    for (std::size_t i = 0; i < kRules; ++i)
        it.set("r" + std::to_string(i), R"({"kind":"lines","query":"boom","by":"client"})");
    auto batch = it.hub.store().begin_lines();
    for (std::size_t i = 0; i < kClients; ++i)
        REQUIRE(batch->append({"c" + std::to_string(i), "x", it.hub.clock.now, "boom", {}}).ok());
    REQUIRE(batch->commit().ok());
    it.follow();
    CHECK(it.alerts->firing().size() == kRules * kClients);
    CHECK(it.hub.metrics.alerts_written == static_cast<std::int64_t>(kRules * kClients));
    CHECK(it.hub.metrics.alerts_lost == 0);
}

TEST_CASE("what came before anything was saved is evaluated after a kill") {
    OpenedStore store;
    Metrics metrics;
    const auto post = [](const WebhookRequest&, const std::atomic<bool>&) -> Result<int> { return 204; };
    auto alerts = must(Alerts::open(*store, store.clock, metrics, post));
    const ChangeNumber first = *alerts->wants_from();
    const auto batch = store->begin_lines();
    must(batch->append({"a", "x", store.clock.now_ms(), "SEVERE: one", {}}));
    must(batch->commit());
    // Of a process that is killed nothing more is written; this one is never asked to stop before that is
    // seen.
    const auto next = must(Alerts::open(*store, store.clock, metrics, post));
    CHECK(*next->wants_from() == first);
}

TEST_CASE("alerts wait while the store is read-only, and are written and sent when there is room again") {
    OpenedStore store;
    std::atomic<bool> full{false};
    constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
    store.options.ballast_bytes = 0;
    store.options.disk_room = [&full] { return DiskRoom{full ? 0 : 50 * kMiB, 100 * kMiB}; };
    store.reopen();
    Metrics metrics;
    std::mutex mutex;
    std::set<std::string> sent;
    const auto post = [&](const WebhookRequest& request, const std::atomic<bool>&) -> Result<int> {
        const std::lock_guard guard(mutex);
        sent.insert(request.id);
        return 204;
    };
    auto alerts = must(Alerts::open(*store, store.clock, metrics, post));
    must(alerts->set_rule(
        "s", R"({"kind":"lines","query":"here","within":"1m","webhook":{"url":"http://127.0.0.1:1/"}})"));
    must(alerts->set_rule("silent", R"({"kind":"silent","after":"1m"})"));
    ChangeNumber next = *alerts->wants_from();
    const auto follow = [&] {
        for (const Change& change : must(store->read_changes(next, SIZE_MAX))) {
            for (const ChangedRow& changed : change.rows)
                alerts->on_row(change, changed, *must(store->log_row(changed.row)));
            alerts->on_end(change);
            next = change.number + 1;
        }
        alerts->on_rest(next);
    };
    const auto batch = store->begin_lines();
    must(batch->append({"a", "x", store.clock.now_ms(), "here", {}}));
    must(batch->commit());
    follow();
    const std::string row = "alerts:2011:5:22";
    CHECK(must(store->slice(kTimeFamily, row, {})).cells.size() == 1);
    full = true;
    // Whoever writes finds out.
    REQUIRE(eventually([&] {
        (void)store->put_notes("test", {{"a", std::string(4096, 'x')}});
        return !store->stats().writable;
    }));
    CHECK(alerts->firing().size() == 1);
    store.clock.advance(61'000);
    follow();
    CHECK(must(store->slice(kTimeFamily, row, {})).cells.size() == 1);
    CHECK(alerts->firing().empty());  // nor is anybody silent whose posts are refused
    const auto refused = alerts->set_rule("other", R"({"kind":"lines","query":"boom"})");
    CHECK(code_of(refused) == Code::unavailable);
    CHECK(alerts->rule("other") == nullptr);
    CHECK(metrics.alerts_lost == 0);
    full = false;
    REQUIRE(eventually([&] { return store->stats().writable; }));
    store.clock.advance(2'000);
    follow();
    CHECK(must(store->slice(kTimeFamily, row, {})).cells.size() == 2);
    CHECK(eventually([&] {
        const std::lock_guard guard(mutex);
        return sent.size() == 2;
    }));
    alerts->stop();
}
