#include "server/store_watch.h"

#include <set>
#include <utility>

namespace nmstore::server {

StoreWatch::StoreWatch(Look look, Tell tell, TellDamage tell_damage, std::chrono::milliseconds pause)
    : look_(std::move(look)),
      tell_(std::move(tell)),
      tell_damage_(std::move(tell_damage)),
      pause_(pause),
      thread_([this] { run(); }) {}

StoreWatch::~StoreWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

void StoreWatch::run() {
    bool writable = true;
    std::set<std::string> damaged;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const StoreStats stats = look_();
        if (stats.writable != writable) {
            writable = stats.writable;
            tell_(writable, stats.why_not_writable);
        }
        for (const std::string& file : stats.damaged_files) {
            if (damaged.insert(file).second) tell_damage_(file);
        }
        lock.lock();
        changed_.wait_for(lock, pause_, [this] { return stopping_; });
    }
}

}  // namespace nmstore::server
