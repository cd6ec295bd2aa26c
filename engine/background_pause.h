// Stops somebody's work in the background for a while, where asking for that waits for what is being worked
// on: a caller waits no longer than it has patience for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace nmstore {

// One caller at a time; the destructor waits for a pause that nobody has patience for any more.
class BackgroundPause {
  public:
    // pause: waits until the work stands still, which it does from then on until go_on. Each is called on a
    // thread of its own or on the caller's, go_on once for each pause.
    BackgroundPause(std::function<void()> pause, std::function<void()> go_on);
    ~BackgroundPause();
    BackgroundPause(const BackgroundPause&) = delete;
    BackgroundPause& operator=(const BackgroundPause&) = delete;

    // true: it stands still until end(). false: it does not yet; once it does it goes on at once, unless
    // begin() has been called again by then.
    bool begin(std::chrono::milliseconds patience);
    void end();
    // Whether somebody is still waiting for it to stand still.
    bool asking() const;

  private:
    enum class State { works, asked, stands };

    void ask();

    const std::function<void()> pause_, go_on_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::works;  // guarded by mutex_, as is wanted_
    bool wanted_ = false;
    std::thread thread_;
};

}  // namespace nmstore
