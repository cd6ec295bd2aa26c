// A store that is followed, and a reader's side of an answer, as a session would have it.
#pragma once

#include <nlohmann/json.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "query/parse.h"
#include "server/realtime.h"
#include "server/worker_pool.h"
#include "tests/engine/open_store.h"
#include "tests/eventually.h"

namespace nmstore::testing::followed {

using namespace nmstore::server;

inline constexpr std::int64_t kMorning = 1'308'700'800'000;
inline constexpr std::chrono::seconds kPatience{120};

inline EventSubjectPtr tail_of(const std::string& query) {
    return new_tail(must(query::parse(query)));
}

// A reader's side of an answer, as a session would have it.
class Client {
  public:
    explicit Client(std::shared_ptr<EventSource> source) : source_(std::move(source)) {
        source_->opened([waker = waker_] {
            const std::lock_guard guard(waker->mutex);
            waker->woken = true;
            waker->changed.notify_all();
        });
    }
    ~Client() { source_->closed(); }

    // Takes what there is, at most once; false: there was nothing.
    bool take(std::size_t most = 64 * 1024) {
        std::string bytes;
        last_ = source_->pull(bytes, most);
        text += bytes;
        return !bytes.empty();
    }
    // Until `done`, or there is nothing for a long time.
    bool take_until(const std::function<bool()>& done) {
        auto end = std::chrono::steady_clock::now() + kPatience;
        while (!done()) {
            if (take() || last_ == EventSource::More::now) {
                end = std::chrono::steady_clock::now() + kPatience;
                continue;
            }
            if (last_ == EventSource::More::end) return done();
            const auto due = source_->due();
            std::unique_lock lock(waker_->mutex);
            const bool woken =
                waker_->changed.wait_until(lock, std::min(end, due), [&] { return waker_->woken; });
            if (!woken && due >= end) return false;
            waker_->woken = false;
        }
        return true;
    }
    std::vector<nlohmann::json> events() const {
        std::vector<nlohmann::json> out;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            out.push_back(nlohmann::json::parse(text.substr(at, end - at)));
            at = end + 1;
        }
        return out;
    }
    std::vector<std::string> lines() const {
        std::vector<std::string> out;
        for (const auto& event : events()) {
            if (event.contains("line")) out.push_back(event["line"]);
        }
        return out;
    }
    // It is asked after each piece, so only what has come since is looked at.
    std::size_t count() const {
        if (text.size() < counted_to_) counted_to_ = counted_ = 0;  // the test has taken some away
        const auto from = text.begin() + static_cast<std::ptrdiff_t>(counted_to_);
        counted_ += static_cast<std::size_t>(std::count(from, text.end(), '\n'));
        counted_to_ = text.size();
        return counted_;
    }
    EventSource& source() { return *source_; }
    EventSource::More last() const { return last_; }

    std::string text;

  private:
    mutable std::size_t counted_ = 0, counted_to_ = 0;
    // Is woken also when the client has gone since.
    struct Waker {
        std::mutex mutex;
        std::condition_variable changed;
        bool woken = false;
    };

    std::shared_ptr<EventSource> source_;
    const std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
    EventSource::More last_ = EventSource::More::wait;
};

struct World {
    World() {
        follower.emplace(*store);
        realtime.emplace(*store, *follower, [this](auto job) { return pool.try_run(std::move(job)); });
        follower->add(*realtime);
        follower->start();
    }
    ~World() { stop(); }
    void stop() {
        if (follower) follower->stop();
        realtime.reset();
        follower.reset();
    }
    // As a restart of the server would; readers must be gone.
    void restart() {
        (void)pool_idle();
        stop();
        store.reopen_after_crash();
        follower.emplace(*store);
        realtime.emplace(*store, *follower, [this](auto job) { return pool.try_run(std::move(job)); });
        follower->add(*realtime);
        follower->start();
    }
    bool pool_idle() {
        // Its own: a job may end behind this call.
        const auto done = std::make_shared<std::atomic<int>>(0);
        int jobs = 0;
        for (int i = 0; i < 2; ++i) jobs += pool.try_run([done] { ++*done; }) ? 1 : 0;
        while (*done < jobs) std::this_thread::yield();
        return true;
    }
    std::unique_ptr<Client> follow(EventSubjectPtr subject, FollowOptions options = {}) {
        return std::make_unique<Client>(must(realtime->follow(std::move(subject), options)));
    }
    void append(int from, int to, const std::string& log = "l") {
        const auto batch = store->begin_lines();
        for (int i = from; i < to; ++i)
            must(batch->append(
                {"c", log, kMorning + i, "line " + std::to_string(i) + (i % 3 == 0 ? " fizz" : ""), {}}));
        must(batch->commit());
    }

    OpenedStore store;
    Metrics metrics;
    WorkerPool pool{2, 100, metrics};
    std::optional<ChangeFollower> follower;
    std::optional<Realtime> realtime;
};

}  // namespace nmstore::testing::followed
