// Webhooks: when a request is tried again, and when it is given up.
#include "server/webhooks.h"

#include <algorithm>
#include <chrono>

#include "tests/engine/open_store.h"
#include "tests/eventually.h"
#include "tests/server/webhook_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

// Also as after a restart of the server.
void open(std::optional<Webhooks>& webhooks, OpenedStore& store, Metrics& metrics, Receiver& receiver) {
    webhooks.reset();
    webhooks.emplace(*store, store.clock, metrics, receiver.post());
}

// What fails at first.
class Failing {
  protected:
    Failing() {
        receiver.answer(503);
        open(webhooks, store, metrics, receiver);
        must(webhooks->start());
    }

    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    std::optional<Webhooks> webhooks;
};

}  // namespace

TEST_CASE("a request is tried again after growing pauses until it is answered well") {
    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    receiver.answer(500);
    Webhooks webhooks(*store, store.clock, metrics, receiver.post());
    must(webhooks.start());
    must(webhooks.add({request("a", "one")}));
    CHECK(receiver.wait(1) == Ids{"a"});
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    // The first of those that are due is sent first: if the pause were over, that would be `a`.
    receiver.answer(204);
    must(webhooks.add({request("b", "two")}));
    CHECK(receiver.wait(2) == Ids{"a", "b"});
    CHECK(eventually([&] { return metrics.webhooks_sent == 1; }));
    receiver.answer(0);
    store.clock.advance(kFirstWebhookPauseMs);
    CHECK(receiver.wait(3) == Ids{"a", "b", "a"});
    CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
    store.clock.advance(kFirstWebhookPauseMs);  // half of the second pause
    receiver.answer(204);
    must(webhooks.add({request("c", "two")}));
    CHECK(receiver.wait(4) == Ids{"a", "b", "a", "c"});
    CHECK(eventually([&] { return metrics.webhooks_sent == 2; }));
    store.clock.advance(kFirstWebhookPauseMs);
    CHECK(receiver.wait(5) == Ids{"a", "b", "a", "c", "a"});
    CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
    CHECK(metrics.webhooks_sent == 3);
    CHECK(metrics.webhooks_dropped == 0);
}

TEST_CASE_METHOD(Failing,
                 "a request does not go before an older one of the same receiver that is being tried again") {
    must(webhooks->add({request("firing", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    receiver.answer(204);
    must(webhooks->add({request("resolved", "one")}));
    SECTION("also after a restart") {
        open(webhooks, store, metrics, receiver);
        must(webhooks->start());
    }
    must(webhooks->add({request("other", "two")}));
    CHECK(receiver.wait(2) == Ids{"firing", "other"});
    store.clock.advance(kFirstWebhookPauseMs);
    CHECK(receiver.wait(4) == Ids{"firing", "other", "firing", "resolved"});
    CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
}

TEST_CASE_METHOD(Failing, "what came while an older one failed does not go before it after a restart") {
    must(webhooks->add({request("firing", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    must(webhooks->add({request("resolved", "one")}));  // is kept with the first pause
    store.clock.advance(kFirstWebhookPauseMs);
    CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
    open(webhooks, store, metrics, receiver);
    receiver.answer(204);
    must(webhooks->start());
    must(webhooks->add({request("other", "two")}));
    CHECK(receiver.wait(3) == Ids{"firing", "firing", "other"});
    store.clock.advance(2 * kFirstWebhookPauseMs);
    CHECK(receiver.wait(5) == Ids{"firing", "firing", "other", "firing", "resolved"});
    CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
}

TEST_CASE_METHOD(Failing, "a clock that was ahead holds up nothing once it is set right") {
    constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3600 * 1000;
    store.clock.advance(kYear);
    must(webhooks->add({request("a", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    const bool restarted = GENERATE(false, true);
    if (restarted) webhooks.reset();
    store.clock.advance(-kYear);
    if (restarted) {
        open(webhooks, store, metrics, receiver);
        must(webhooks->start());
    }
    CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
    SECTION("it is sent") {
        receiver.answer(204);
        store.clock.advance(kLongestWebhookPauseMs);
        CHECK(eventually([&] { return metrics.webhooks_sent == 1; }));
    }
    SECTION("it is given up a day later") {
        store.clock.advance(kMaxWebhookAgeMs);
        CHECK(eventually([&] { return metrics.webhooks_dropped == 1; }));
    }
}

TEST_CASE_METHOD(Failing, "what waits has an hour after a start, however long the server was down") {
    must(webhooks->add({request("a", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    webhooks.reset();
    store.clock.advance(2 * kMaxWebhookAgeMs);
    open(webhooks, store, metrics, receiver);
    must(webhooks->start());
    CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
    CHECK(metrics.webhooks_dropped == 0);
    receiver.answer(204);
    store.clock.advance(kLongestWebhookPauseMs);
    CHECK(eventually([&] { return metrics.webhooks_sent == 1; }));
}

TEST_CASE_METHOD(Failing, "what waits is no older for a clock that was set ahead") {
    must(webhooks->add({request("a", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    store.clock.set_ahead(3 * kMaxWebhookAgeMs);
    CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
    const bool restarted = GENERATE(false, true);
    if (restarted) {
        open(webhooks, store, metrics, receiver);
        must(webhooks->start());
    }
    store.clock.advance(kLongestWebhookPauseMs);
    CHECK(eventually([&] { return metrics.webhooks_failed == 3; }));
    CHECK(metrics.webhooks_dropped == 0);
    store.clock.advance(kMaxWebhookAgeMs);
    CHECK(eventually([&] { return metrics.webhooks_dropped == 1; }));
}

TEST_CASE("what waits goes where its rule says by now") {
    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    receiver.answer(503);
    std::optional<Webhooks> webhooks;
    open(webhooks, store, metrics, receiver);
    webhooks->set_receiver("rule of one", "http://one/", "old");
    must(webhooks->start());
    must(webhooks->add({request("a", "one"), request("b", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    CHECK(receiver.last().secret == "old");
    SECTION("at once, whatever the pause was") {
        receiver.answer(204);
        webhooks->set_receiver("rule of one", "http://new/", "new");
        CHECK(receiver.wait(3) == Ids{"a", "a", "b"});
        CHECK((receiver.last().url == "http://new/" && receiver.last().secret == "new"));
    }
    SECTION("after a restart") {
        open(webhooks, store, metrics, receiver);
        webhooks->set_receiver("rule of one", "http://new/", "new");
        receiver.answer(204);
        store.clock.advance(kFirstWebhookPauseMs);
        must(webhooks->start());
        CHECK(receiver.wait(3) == Ids{"a", "a", "b"});
        CHECK((receiver.last().url == "http://new/" && receiver.last().secret == "new"));
    }
    SECTION("of a rule that is gone, where it said last") {
        const bool moved = GENERATE(false, true);
        const bool restarted = GENERATE(false, true);
        if (moved) webhooks->set_receiver("rule of one", "http://new/", "new");
        if (moved) CHECK(receiver.wait(2) == Ids{"a", "a"});
        // Before the clock goes on: the pause is counted from then.
        if (moved) CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
        if (restarted) {
            open(webhooks, store, metrics, receiver);
            must(webhooks->start());
        }
        webhooks->set_receiver("rule of one", "", "");
        webhooks->set_receiver("rule of one", "http://of another rule/", "another's");
        receiver.answer(204);
        store.clock.advance(kFirstWebhookPauseMs);
        CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
        CHECK(receiver.last().url == (moved ? "http://new/" : "http://one/"));
        CHECK(receiver.last().secret == (moved ? "new" : "old"));
    }
    CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
}

TEST_CASE("a redirect and other answers than 2xx are failures") {
    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    Webhooks webhooks(*store, store.clock, metrics, receiver.post());
    must(webhooks.start());
    must(webhooks.add({request("a", "one")}));
    CHECK(eventually([&] { return metrics.webhooks_sent == 1; }));
    std::int64_t failed = 0;
    for (const int status : {301, 307, 404, 503}) {
        receiver.answer(status);
        const std::string id = std::to_string(status);
        must(webhooks.add({request(id, id)}));
        ++failed;
        CHECK(eventually([&] { return metrics.webhooks_failed == failed; }));
    }
    CHECK(metrics.webhooks_waiting == 4);
}

TEST_CASE("a request is given up after a day, and what waits is known after a restart") {
    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    receiver.answer(0);
    {
        Webhooks webhooks(*store, store.clock, metrics, receiver.post());
        must(webhooks.start());
        must(webhooks.add({request("a", "one"), request("b", "two")}));
        CHECK(eventually([&] { return metrics.webhooks_failed == 2; }));
        must(webhooks.add({request("a", "one")}));  // it waits already
        CHECK(metrics.webhooks_waiting == 2);
    }
    Webhooks webhooks(*store, store.clock, metrics, receiver.post());
    must(webhooks.start());
    CHECK(metrics.webhooks_waiting == 2);
    store.clock.advance(kMaxWebhookAgeMs);
    CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
    CHECK(metrics.webhooks_dropped == 2);
    CHECK(must(store->notes("alert webhooks")).empty());
}

TEST_CASE("only so many requests wait: the oldest are given up") {
    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    receiver.answer(0);
    Webhooks webhooks(*store, store.clock, metrics, receiver.post());
    must(webhooks.start());
    std::vector<WebhookRequest> requests;
    for (std::size_t i = 0; i < kMaxWebhooksWaiting; ++i)
        requests.push_back(request("r" + std::to_string(i), "one"));
    must(webhooks.add(std::move(requests)));
    // All are of one server: once it has failed, the others wait as well.
    CHECK(eventually([&] { return metrics.webhooks_failed == 1; }));
    must(webhooks.add({request("x", "one"), request("y", "one")}));
    CHECK(metrics.webhooks_waiting == static_cast<std::int64_t>(kMaxWebhooksWaiting));
    CHECK(metrics.webhooks_dropped == 2);
    const auto notes = must(store->notes("alert webhooks"));
    CHECK(
        std::none_of(notes.begin(), notes.end(), [](const Store::Note& note) { return note.name == "r0"; }));
    CHECK(std::any_of(notes.begin(), notes.end(), [](const Store::Note& note) { return note.name == "y"; }));
}
