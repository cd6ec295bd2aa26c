// Sends alerts to webhooks, on threads of its own: each until it is answered well, with growing pauses, for
// a bounded time. What waits is kept in the store's notes, so that a restart loses nothing. A receiver gets
// one at a time, in their order; those that failed last never take the last thread from the others.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "nmstore/clock.h"
#include "nmstore/store.h"
#include "server/metrics.h"
#include "server/webhook_post.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxWebhooksWaiting = 10'000;  // beyond, the oldest are given up
inline constexpr std::int64_t kMaxWebhookAgeMs = std::int64_t{24} * 3600 * 1000;
inline constexpr std::int64_t kFirstWebhookPauseMs = 1'000;
inline constexpr std::int64_t kLongestWebhookPauseMs = 300'000;
inline constexpr std::size_t kWebhookSenders = 4;

class Webhooks {
  public:
    // Any thread, and beside itself.
    using Post = std::function<Result<int>(const WebhookRequest&, const std::atomic<bool>& stopping)>;

    // All must outlive it.
    Webhooks(Store& store, const Clock& clock, Metrics& metrics, Post post);
    ~Webhooks();  // ends what is being sent; it is sent again after the next start
    Webhooks(const Webhooks&) = delete;
    Webhooks& operator=(const Webhooks&) = delete;

    // Takes up what waits from before, and starts.
    Result<void> start();
    void stop();
    // On disk when this returns. A request of an id that waits already changes nothing. Fails as the store
    // does; nothing is sent then. Any thread.
    Result<void> add(std::vector<WebhookRequest> requests);
    // Where requests of a rule go from now on, those that wait included: these are tried at once if that is
    // another place. url "": each goes where it was to go when it was added. Any thread.
    void set_receiver(const std::string& rule, std::string url, std::string secret);

  private:
    struct Receiver {
        std::string url, secret;
    };
    struct Trouble {
        std::string why;
        std::int64_t told_ms = 0;
    };
    struct Waiting {
        WebhookRequest request;
        std::uint64_t order = 0;
        std::int64_t since_ms = 0;
        std::int64_t next_ms = 0;
        std::uint64_t tries = 0;
    };
    static std::string text_of(const Waiting& waiting);
    static Result<Waiting> parse(const std::string& text);

    void run();
    // All under the lock.
    const std::string& url_of(const WebhookRequest& request) const;
    void tell_trouble(const std::string& url, const std::string& id, const std::string& why);
    // The one to be sent now; nullptr: none.
    const Waiting* due() const;
    void note_answer(const WebhookRequest& request, const Result<int>& answer);
    void tell_waiting();

    Store& store_;
    const Clock& clock_;
    Metrics& metrics_;
    const Post post_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Waiting> waiting_;      // by id
    std::map<std::string, Receiver> receivers_;   // by rule
    std::map<std::string, Trouble> troubles_;     // by URL, of those that failed the last time
    std::map<std::string, std::uint64_t> tried_;  // by URL: the number of the last try
    std::set<std::string> on_their_way_;          // URLs
    std::uint64_t last_order_ = 0, tries_ = 0;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> senders_;
};

}  // namespace nmstore::server
