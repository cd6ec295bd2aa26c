// Follows the store as it is written: one thread reads its changes in their order and tells those who listen.
//
// Listeners are called on that thread only, one after the other. They may read the store and write to it;
// what takes long (sockets, other servers) they hand on to others. Writers never wait for them: a follower
// that is slow falls behind, and reads on from where it is.
#pragma once

#include <atomic>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::server {

class ChangeListener {
  public:
    virtual ~ChangeListener() = default;

    // From which number on it wants to be told; asked once, when it is added. nullopt: from now.
    virtual std::optional<ChangeNumber> wants_from() { return std::nullopt; }
    // Some of the changes from `from` are not kept any more: the next is the first that is.
    virtual void missed(ChangeNumber from, ChangeNumber first) { (void)from, (void)first; }

    // For each change, in this order: each of its rows, each value, the end. Rows and values that are gone
    // are left out.
    virtual void on_row(const Change& change, const ChangedRow& changed, const LogRow& row) {
        (void)change, (void)changed, (void)row;
    }
    virtual void on_value(const Change& change, const ToldValue& value, std::size_t at) {
        (void)change, (void)value, (void)at;
    }
    virtual void on_end(const Change& change) { (void)change; }
    // Nothing more is there at the moment (all before `end` has been told); and now and then while nothing
    // comes. For what is due by time.
    virtual void on_rest(ChangeNumber end) { (void)end; }
};

class ChangeFollower {
  public:
    // The store must outlive it.
    explicit ChangeFollower(const Store& store);
    ~ChangeFollower();  // stops
    ChangeFollower(const ChangeFollower&) = delete;
    ChangeFollower& operator=(const ChangeFollower&) = delete;

    // Before start(). The listener must outlive the follower's stop().
    void add(ChangeListener& listener);
    void start();
    void stop();  // what is being told is told to its end

    // All changes before it have been told to everybody. Any thread.
    ChangeNumber told_to() const { return told_to_.load(std::memory_order_acquire); }
    std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

  private:
    struct Listening {
        ChangeListener* listener = nullptr;
        ChangeNumber next = 0;  // to be told
    };

    void run();
    void tell(const Change& change);
    const LogRow* row_of(RowId id);

    static constexpr std::size_t kStepBytes = std::size_t{1} << 20;  // of changes, read at a time
    static constexpr std::size_t kMaxRows = 4096;                    // remembered

    const Store& store_;
    std::vector<Listening> listening_;
    std::unordered_map<RowId, LogRow> rows_;
    std::atomic<ChangeNumber> told_to_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace nmstore::server
