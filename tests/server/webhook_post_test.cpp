// A webhook's request, where the name of its receiver is looked up slowly.
#include "server/webhook_post.h"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

constexpr std::string_view kSlowName = "slow.invalid";
constexpr std::chrono::seconds kPatience{60};

// Look-ups of the slow name, which nobody answers before they are let go.
struct LookUps {
    std::mutex mutex;
    std::condition_variable changed;
    int begun = 0, ended = 0;
    bool let_go = false;

    void one() {
        std::unique_lock lock(mutex);
        ++begun;
        changed.notify_all();
        changed.wait_for(lock, kPatience, [this] { return let_go; });
        ++ended;
        changed.notify_all();
    }
    bool wait(const std::function<bool()>& condition) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, kPatience, condition);
    }
};

// For ever: a look-up may outlast a test that has failed.
LookUps& look_ups() {
    static auto& all = *new LookUps;
    return all;
}

}  // namespace

// In place of the C library's, also for libcurl.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
    if (name != nullptr && name == kSlowName) {
        look_ups().one();
        return EAI_AGAIN;
    }
    using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return real == nullptr ? EAI_FAIL : real(name, service, hints, result);
}

TEST_CASE("a name that is looked up slowly prolongs neither a webhook's time nor a stop") {
    LookUps& all = look_ups();
    all.begun = all.ended = 0;
    all.let_go = false;
    std::atomic<bool> stopping{false};
    WebhookOptions options;
    std::thread stop;
    SECTION("time is over") {
        options.timeout = std::chrono::milliseconds(100);
    }
    SECTION("a stop") {
        options.timeout = std::chrono::hours(1);
        stop = std::thread([&] {
            all.wait([&] { return all.begun == 1; });
            stopping = true;
        });
    }
    const WebhookRequest request{"http://" + std::string(kSlowName) + "/", "", "{}", "id", "rule"};
    const Result<int> answer = post_webhook(request, options, stopping);
    if (stop.joinable()) stop.join();
    CHECK(!answer.ok());
    // The look-up is still at it.
    CHECK(all.wait([&] { return all.begun == 1; }));
    {
        const std::lock_guard guard(all.mutex);
        CHECK(all.ended == 0);
        all.let_go = true;
        all.changed.notify_all();
    }
    CHECK(all.wait([&] { return all.ended == all.begun; }));
}
