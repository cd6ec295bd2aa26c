#include "engine/watched_work.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/catch.h"

using namespace nmstore;

namespace {

ProgressReport report() {
    return {.stage = "work", .done = 1, .total = 2, .unit = "steps"};
}
void no_cancel() {
    FAIL("not to be cancelled");
}

}  // namespace

TEST_CASE("watched work: nobody watches") {
    bool ran = false;
    CHECK(run_watched([&]() -> Result<void> { return ran = true, Result<void>(); }, report, {}, no_cancel)
              .ok());
    CHECK(ran);
    const auto failed = run_watched(
        []() -> Result<void> {
            return Error{Code::io, "no"};
        },
        report, {}, no_cancel);
    CHECK(failed.error().code == Code::io);
}

TEST_CASE("watched work: reports come from the caller's thread, at least at both ends") {
    const auto caller = std::this_thread::get_id();
    int reports = 0;
    const auto progress = [&](const ProgressReport& told) {
        CHECK(std::this_thread::get_id() == caller);
        CHECK(told.stage == "work");
        ++reports;
        return true;
    };
    CHECK(run_watched([]() -> Result<void> { return {}; }, report, progress, no_cancel).ok());
    CHECK(reports >= 2);
    const auto failed = run_watched(
        []() -> Result<void> {
            return Error{Code::corruption, "no"};
        },
        report, progress, no_cancel);
    CHECK(failed.error().code == Code::corruption);
}

TEST_CASE("watched work: stopped before it begins") {
    const auto stopped = run_watched(
        []() -> Result<void> {
            FAIL("not to be run");
            return {};
        },
        report, [](const ProgressReport&) { return false; }, no_cancel);
    CHECK(stopped.error().code == Code::cancelled);
}

TEST_CASE("watched work: stopped on the way") {
    std::mutex mutex;
    std::condition_variable changed;
    bool told = false;
    int cancels = 0;
    const auto work = [&]() -> Result<void> {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return told; });
        return Error{Code::io, "was stopped"};
    };
    const auto cancel = [&] {
        const std::lock_guard lock(mutex);
        told = true;
        ++cancels;
        changed.notify_all();
    };
    int reports = 0;
    const auto stopped = run_watched(
        work, report, [&](const ProgressReport&) { return ++reports < 3; }, cancel);
    CHECK(stopped.error().code == Code::cancelled);
    CHECK(cancels == 1);
}
