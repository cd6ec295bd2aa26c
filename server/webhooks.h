// Sends alerts to webhooks, on threads of its own: each until it is answered well, with growing pauses, for
// a bounded time. What waits is kept in the store's notes, so that a restart loses nothing. A receiver gets
// one at a time, in their order. Receivers that failed the last time, and those of which nothing is known
// yet, share a part of the threads: what answers waits for none of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "nmstore/clock.h"
#include "nmstore/store.h"
#include "server/clock_jump.h"
#include "server/metrics.h"
#include "server/webhook_post.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxWebhooksWaiting = 10'000;  // beyond, the oldest are given up
inline constexpr std::int64_t kMaxWebhookAgeMs = std::int64_t{24} * 3600 * 1000;
inline constexpr std::int64_t kFirstWebhookPauseMs = 1'000;
inline constexpr std::int64_t kLongestWebhookPauseMs = 300'000;
inline constexpr std::size_t kWebhookSenders = 16;
// How many of them may be at receivers that did not answer well the last time (new ones, and after a start
// all, count as such), and how many of these at some that are known to have failed.
inline constexpr std::size_t kMostUnansweredAtOnce = 14;
inline constexpr std::size_t kMostFailingAtOnce = 8;

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
    // another place. url "": those that wait go where they were to go until now. Any thread.
    void set_receiver(const std::string& rule, std::string url, std::string secret);

  private:
    struct Place {
        std::string url, secret;
    };
    struct Waiting {
        WebhookRequest request;
        std::uint64_t order = 0;
        std::int64_t since_ms = 0;
    };
    // A URL. Its pauses are its own, not of its requests: who does not answer one does not answer the next.
    struct Receiver {
        std::map<std::uint64_t, Waiting*> queue;  // by order; the first is sent
        bool asked = false;                       // it is being sent something
        bool answers = false;                     // it did the last time
        std::uint64_t failures = 0;               // since it answered well
        std::int64_t next_ms = 0;                 // tried again then
        std::uint64_t tried = 0;                  // the number of the last try
        std::string why;                          // what was told of its failures
        std::int64_t told_ms = 0;
    };
    using Receivers = std::map<std::string, Receiver>;
    static std::string text_of(const Waiting& waiting, const Receiver& receiver);
    // Into what waits, and what is known of its receiver.
    Result<void> load(const std::string& id, const std::string& text);

    void run();
    // All under the lock.
    void put_in_place(WebhookRequest& request) const;  // where its rule says by now
    void take_jump();                                  // of the clock: nothing has waited for so long
    // The one to be sent to now; end: none.
    Receivers::iterator due();
    void tell_failure(Receiver& receiver, const WebhookRequest& request, const std::string& why);
    void note_answer(const WebhookRequest& request, const Result<int>& answer);
    void remove(std::map<std::string, Waiting>::iterator waiting);
    void forget_one();  // of the receivers, where there are too many
    void tell_waiting();

    Store& store_;
    const Clock& clock_;
    ClockJump jump_;
    Metrics& metrics_;
    const Post post_;
    std::mutex mutex_;
    std::condition_variable changed_;         // for the sender that looks out for what is due
    std::condition_variable turn_;            // for the others: it has found something
    std::map<std::string, Waiting> waiting_;  // by id
    std::map<std::string, Place> places_;     // by rule
    Receivers receivers_;                     // by URL
    bool looking_ = false;
    std::uint64_t last_order_ = 0, tries_ = 0;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> senders_;
};

}  // namespace nmstore::server
