#include "engine/group_commit.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/catch.h"

using namespace nmstore;
using kv::GroupCommit;

namespace {

// A sync that waits until it is let through, one at a time.
class Gate {
  public:
    Result<void> pass() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return permits_ > 0; });
        --permits_;
        return fails_ ? Result<void>(Error{Code::io, "the disk is gone"}) : Result<void>();
    }
    void wait_for_arrivals(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return arrived_ >= count; });
    }
    void let_through(int count, bool fails = false) {
        const std::lock_guard lock(mutex_);
        permits_ += count;
        fails_ = fails;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int arrived_ = 0;
    int permits_ = 0;
    bool fails_ = false;
};

}  // namespace

TEST_CASE("group commit: one sync serves all who wrote before it began") {
    Gate gate;
    GroupCommit commit(SyncMode::always, 0, [&] { return gate.pass(); });
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    const auto wait_for = [&](std::uint64_t ticket) {
        threads.emplace_back([&, ticket] {
            if (commit.wait(ticket).ok()) done.fetch_add(1);
        });
    };
    wait_for(commit.issue());
    gate.wait_for_arrivals(1);  // the first leads
    for (int i = 0; i < 20; ++i) wait_for(commit.issue());
    gate.let_through(1);
    gate.wait_for_arrivals(2);  // one of the others leads for all of them
    gate.let_through(1);
    for (auto& thread : threads) thread.join();
    CHECK(done == 21);
    CHECK(commit.syncs() == 2);
    CHECK(commit.wait(21).ok());  // is on disk: no sync more
    CHECK(commit.syncs() == 2);
}

TEST_CASE("group commit: an error reaches all who waited for that sync, and only them") {
    Gate gate;
    GroupCommit commit(SyncMode::always, 0, [&] { return gate.pass(); });
    const std::uint64_t first = commit.issue();
    const std::uint64_t second = commit.issue();
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (const std::uint64_t ticket : {first, second}) {
        threads.emplace_back([&, ticket] {
            const auto result = commit.wait(ticket);
            if (!result.ok() && result.error().message == "the disk is gone") failed.fetch_add(1);
        });
    }
    gate.wait_for_arrivals(1);
    gate.let_through(1, true);
    for (auto& thread : threads) thread.join();
    CHECK(failed == 2);
    CHECK_FALSE(commit.wait(first).ok());
    CHECK(commit.syncs() == 1);

    gate.let_through(1);
    CHECK(commit.wait(commit.issue()).ok());
    CHECK(commit.wait(first).ok());  // a later sync put everything on disk
}

TEST_CASE("group commit: what became durable otherwise needs no sync") {
    GroupCommit commit(SyncMode::always, 0, []() -> Result<void> { return Error{Code::io, "no"}; });
    const std::uint64_t ticket = commit.issue();
    CHECK_FALSE(commit.wait(ticket).ok());
    commit.note_durable(ticket);
    CHECK(commit.wait(ticket).ok());
    CHECK(commit.wait(0).ok());
}

TEST_CASE("group commit: the other modes do not wait") {
    Gate gate;
    {
        GroupCommit commit(SyncMode::off, 1, [&] { return gate.pass(); });
        CHECK(commit.wait(commit.issue()).ok());
        CHECK(commit.syncs() == 0);
        gate.let_through(1);
        CHECK(commit.sync_now().ok());
        CHECK(commit.syncs() == 1);
    }
    GroupCommit commit(SyncMode::interval, 1, [&] { return gate.pass(); });
    CHECK(commit.wait(commit.issue()).ok());
    gate.wait_for_arrivals(2);  // the background thread came by itself
    gate.let_through(100);
    commit.stop();
    CHECK(commit.syncs() >= 1);
}

TEST_CASE("group commit: many threads") {
    std::atomic<int> running{0};
    std::atomic<bool> overlapped{false};
    GroupCommit commit(SyncMode::always, 0, [&]() -> Result<void> {
        if (running.fetch_add(1) != 0) overlapped = true;
        std::this_thread::yield();
        running.fetch_sub(1);
        return {};
    });
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) {
                if (!commit.wait(commit.issue()).ok()) failures.fetch_add(1);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(failures == 0);
    CHECK_FALSE(overlapped);
    CHECK(commit.issued() == 16'000);
    CHECK(commit.syncs() <= 16'000);
}
