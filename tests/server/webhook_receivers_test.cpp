// Webhooks of many receivers: whose turn it is, and who holds up whom.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "server/webhooks.h"
#include "tests/engine/open_store.h"
#include "tests/eventually.h"
#include "tests/server/webhook_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

TEST_CASE("receivers have turns, however much waits for one of them") {
    OpenedStore store;
    Metrics metrics;
    Receiver receiver;
    Webhooks webhooks(*store, store.clock, metrics, receiver.post());
    constexpr std::size_t kReceivers = kWebhookSenders + 3;
    const auto round = [&](const std::string& name) {
        std::vector<WebhookRequest> requests;
        for (std::size_t i = 0; i < kReceivers; ++i) {
            const std::string host = std::to_string(100 + i);
            requests.push_back(request(host + name, host));
        }
        return requests;
    };
    must(webhooks.start());
    must(webhooks.add(round("a")));
    CHECK(eventually([&] { return metrics.webhooks_sent == kReceivers; }));
    // They answer, so that as many are asked at once as there are senders; then one by one.
    receiver.hold();
    std::vector<WebhookRequest> requests = round("b");
    for (WebhookRequest& more : round("c")) requests.push_back(std::move(more));
    must(webhooks.add(std::move(requests)));
    Ids asked = receiver.wait(kReceivers + kWebhookSenders);
    REQUIRE(asked.size() == kReceivers + kWebhookSenders);
    std::sort(asked.begin() + kReceivers, asked.end());  // at the same time
    for (std::size_t i = 0; i < kWebhookSenders; ++i) CHECK(asked[kReceivers + i] == round("b")[i].id);
    // The first that is answered has more waiting, but others were not asked for longer.
    std::size_t count = asked.size();
    for (std::size_t i = kWebhookSenders; i < kReceivers; ++i) {
        receiver.let_one_go();
        CHECK(receiver.wait(++count).back() == round("b")[i].id);
    }
    receiver.let_all_go();
    CHECK(eventually([&] { return metrics.webhooks_waiting == 0; }));
}

namespace {

// Many receivers that fail, or hang until all is stopped, and one that answers.
class Hanging {
  public:
    Webhooks::Post post() {
        return [this](const WebhookRequest& request, const std::atomic<bool>& stopping) -> Result<int> {
            if (request.url == "http://well/") {
                ++answered;
                return 204;
            }
            if (hangs) {
                ++hanging;
                while (!stopping) std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
            return Error{Code::unavailable, "time is over"};
        };
    }
    static constexpr int kMany = 40;
    static std::vector<WebhookRequest> many() {
        std::vector<WebhookRequest> requests;
        for (int i = 0; i < kMany; ++i) {
            const std::string name = std::to_string(i);
            requests.push_back(request(name, "hangs" + name));
        }
        return requests;
    }

    std::atomic<bool> hangs{false};
    std::atomic<int> hanging{0}, answered{0};
};

void well_is_answered(Webhooks& webhooks, const Hanging& receivers, const std::string& id) {
    const int before = receivers.answered;
    for (int i = 0; i < 20; ++i) must(webhooks.add({request(id + std::to_string(i), "well")}));
    CHECK(eventually([&] { return receivers.answered == before + 20; }));
}

}  // namespace

TEST_CASE("receivers that hang hold up nobody who answers") {
    OpenedStore store;
    Metrics metrics;
    Hanging receivers;
    std::optional<Webhooks> webhooks;
    webhooks.emplace(*store, store.clock, metrics, receivers.post());
    must(webhooks->start());
    SECTION("if they are known to fail") {
        must(webhooks->add(Hanging::many()));
        CHECK(eventually([&] { return metrics.webhooks_failed == Hanging::kMany; }));
        receivers.hangs = true;
        SECTION("now") {
            store.clock.advance(kLongestWebhookPauseMs);
        }
        SECTION("since before a restart") {
            webhooks.emplace(*store, store.clock, metrics, receivers.post());
            store.clock.advance(kLongestWebhookPauseMs);
            must(webhooks->start());
        }
        CHECK(eventually([&] { return receivers.hanging == static_cast<int>(kMostFailingAtOnce); }));
        well_is_answered(*webhooks, receivers, "new");
    }
    SECTION("if they are new") {
        well_is_answered(*webhooks, receivers, "before");
        receivers.hangs = true;
        must(webhooks->add(Hanging::many()));
        CHECK(eventually([&] { return receivers.hanging == static_cast<int>(kMostUnansweredAtOnce); }));
        well_is_answered(*webhooks, receivers, "known");
    }
    webhooks->stop();
}

TEST_CASE("a receiver gets one request at a time, in their order") {
    OpenedStore store;
    Metrics metrics;
    std::mutex mutex;
    std::map<std::string, int> at_once;
    std::map<std::string, std::vector<std::string>> came;
    bool one_at_a_time = true;
    Webhooks webhooks(*store, store.clock, metrics,
                      [&](const WebhookRequest& request, const std::atomic<bool>&) -> Result<int> {
                          {
                              const std::lock_guard guard(mutex);
                              one_at_a_time = one_at_a_time && ++at_once[request.url] == 1;
                              came[request.url].push_back(request.id);
                          }
                          std::this_thread::yield();
                          const std::lock_guard guard(mutex);
                          --at_once[request.url];
                          return 204;
                      });
    must(webhooks.start());
    std::vector<std::string> ids;
    for (int i = 100; i < 300; ++i) ids.push_back(std::to_string(i));
    for (const std::string& id : ids)
        must(webhooks.add({request("a" + id, "a"), request("b" + id, "b"), request("c" + id, "c")}));
    CHECK(eventually([&] { return metrics.webhooks_sent == 600; }));
    webhooks.stop();
    CHECK(one_at_a_time);
    for (const std::string host : {"a", "b", "c"}) {
        std::vector<std::string> expected;
        for (const std::string& id : ids) expected.push_back(host + id);
        CHECK(came["http://" + host + "/"] == expected);
    }
}
