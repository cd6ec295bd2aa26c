// Tells when the store becomes read-only and when it can be written to again, and which of its files turn out
// to be damaged. A full disk comes and goes without any request that fails, and whoever reads the log
// afterwards wants to know when it was; damage is met by many requests, and by none that is told to whom it
// concerns.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "nmstore/store.h"

namespace nmstore::server {

inline constexpr std::chrono::milliseconds kStoreLook{200};  // less than the store's first try to go on

// Looks from a thread of its own until it is destroyed. A store that is closed meanwhile counts as read-only:
// destroy it before.
class StoreWatch {
  public:
    using Look = std::function<StoreStats()>;
    // `why` is empty when it is writable.
    using Tell = std::function<void(bool writable, const std::string& why)>;

    // Each file once.
    using TellDamage = std::function<void(const std::string& file)>;

    // All are called on the watch's thread, and not after the destructor. `tell` hears of changes only; the
    // store is taken to be writable at first.
    StoreWatch(Look look, Tell tell, TellDamage tell_damage, std::chrono::milliseconds pause = kStoreLook);
    ~StoreWatch();
    StoreWatch(const StoreWatch&) = delete;
    StoreWatch& operator=(const StoreWatch&) = delete;

  private:
    void run();

    const Look look_;
    const Tell tell_;
    const TellDamage tell_damage_;
    const std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace nmstore::server
