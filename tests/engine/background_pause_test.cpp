#include "engine/background_pause.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/catch.h"

using namespace nmstore;

namespace {

constexpr std::chrono::milliseconds kLong{60'000};
constexpr std::chrono::milliseconds kNoPatience{0};

// Work that can be made to stand still only while it is not busy.
class Work {
  public:
    void pause() {
        std::unique_lock lock(mutex_);
        ++pauses_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !busy_; });
    }
    void go_on() {
        const std::lock_guard lock(mutex_);
        ++continues_;
        changed_.notify_all();
    }
    void set_busy(bool busy) {
        const std::lock_guard lock(mutex_);
        busy_ = busy;
        changed_.notify_all();
    }
    bool wait_for(int pauses, int continues) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kLong, [&] { return pauses_ == pauses && continues_ == continues; });
    }

    bool wait_for_end_of_all() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kLong, [&] { return pauses_ == continues_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool busy_ = false;
    int pauses_ = 0, continues_ = 0;
};

}  // namespace

TEST_CASE("who has no patience does not wait, and the work goes on by itself") {
    Work work;
    BackgroundPause pause([&] { work.pause(); }, [&] { work.go_on(); });
    CHECK(pause.begin(kLong));
    CHECK_FALSE(pause.asking());
    pause.end();
    CHECK(work.wait_for(1, 1));

    work.set_busy(true);
    CHECK_FALSE(pause.begin(kNoPatience));
    CHECK(work.wait_for(2, 1));
    CHECK(pause.asking());
    CHECK_FALSE(pause.begin(kNoPatience));  // it is being asked already
    CHECK(pause.asking());
    work.set_busy(false);
    CHECK(work.wait_for(2, 2));

    CHECK(pause.begin(kLong));
    CHECK(work.wait_for(3, 2));
    pause.end();
    CHECK(work.wait_for(3, 3));
}

TEST_CASE("who asks again before the work stands still gets the pause that was asked for before") {
    Work work;
    work.set_busy(true);
    BackgroundPause pause([&] { work.pause(); }, [&] { work.go_on(); });
    CHECK_FALSE(pause.begin(kNoPatience));
    CHECK(work.wait_for(1, 0));
    std::thread busy([&] { work.set_busy(false); });
    const bool stands = pause.begin(kLong);
    busy.join();
    REQUIRE(stands);
    pause.end();
    // Whether it was still the first pause is a matter of luck; each has been ended.
    CHECK(work.wait_for_end_of_all());
}

TEST_CASE("a pause that is still asked for is waited for at the end") {
    Work work;
    work.set_busy(true);
    std::thread later;
    {
        BackgroundPause pause([&] { work.pause(); }, [&] { work.go_on(); });
        CHECK_FALSE(pause.begin(kNoPatience));
        later = std::thread([&] { work.set_busy(false); });
    }
    later.join();
    CHECK(work.wait_for(1, 1));
}
