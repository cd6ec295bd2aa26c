#include "engine/background_pause.h"

#include <utility>

namespace nmstore {

BackgroundPause::BackgroundPause(std::function<void()> pause, std::function<void()> go_on)
    : pause_(std::move(pause)), go_on_(std::move(go_on)) {}

BackgroundPause::~BackgroundPause() {
    if (thread_.joinable()) thread_.join();
}

bool BackgroundPause::begin(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    wanted_ = true;
    if (state_ == State::works) {
        if (thread_.joinable()) thread_.join();  // it has nothing left to do
        state_ = State::asked;
        thread_ = std::thread([this] { ask(); });
    }
    wanted_ = changed_.wait_for(lock, patience, [this] { return state_ == State::stands; });
    return wanted_;
}

void BackgroundPause::end() {
    go_on_();
    const std::lock_guard lock(mutex_);
    state_ = State::works;
    wanted_ = false;
}

bool BackgroundPause::asking() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::asked;
}

void BackgroundPause::ask() {
    pause_();
    const std::lock_guard lock(mutex_);
    if (wanted_) {
        state_ = State::stands;
        changed_.notify_all();
        return;
    }
    go_on_();
    state_ = State::works;
}

}  // namespace nmstore
