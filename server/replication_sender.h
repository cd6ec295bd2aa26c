// The thread of one target: goes on step by step, waits after errors, and does what the operator says.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/replication_course.h"
#include "server/replication_notes.h"
#include "server/replication_start.h"
#include "server/replication_status.h"

namespace nmstore::server {

class ReplicationSender {
  public:
    using MakeCall = std::function<ReplicationCall(const ReplicationTargetOptions& target,
                                                   const std::atomic<bool>& stopping)>;
    // Store and clock must outlive it. `moved` is called, on its thread, when the target has got further.
    ReplicationSender(Store& store, const Clock& clock, ReplicationTargetOptions target,
                      const MakeCall& make_call, std::function<void()> moved);
    ~ReplicationSender();
    ReplicationSender(const ReplicationSender&) = delete;
    ReplicationSender& operator=(const ReplicationSender&) = delete;

    Result<void> load();  // before all else
    void start();
    void begin_stop();  // returns at once
    void stop();        // what is being sent is given up; it is sent again after the next start

    // ---- Any thread ----
    const std::string& name() const { return target_.name; }
    ReplicationNotes& notes() { return notes_; }
    Result<void> pause();
    Result<void> resume();  // also tries at once, if it waits
    Result<void> resync();  // sends a full copy, also while it is not needed
    ReplicationTargetStatus status() const;
    // The first number of the journal that it still needs; nullopt: none.
    std::optional<ChangeNumber> needs_from() const;

  private:
    void run();
    Result<void> change(const std::function<void(ReplicationMemory&)>& how);
    bool wait(std::chrono::milliseconds time);  // ends at once on what the operator says, and tells so
    void wait_and_look(std::chrono::milliseconds time);  // while the target gets nothing
    void look();
    void failed(const Error& error);
    void tell(ReplicationState state);
    std::uint64_t unsent(ChangeNumber from) const;
    ReplicationState state_of_progress() const;

    Store& store_;
    const Clock& clock_;
    const ReplicationTargetOptions target_;
    const std::function<void()> moved_;
    ReplicationNotes notes_;
    std::atomic<bool> stopping_{false};
    ReplicationCourse course_;
    ReplicationBackoff backoff_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    ReplicationState state_ = ReplicationState::connecting;
    std::string why_;
    std::int64_t next_try_ms_ = 0;
    std::uint64_t errors_ = 0;
    std::int64_t told_ms_ = 0;       // when the log was told last that it waits
    std::int64_t look_told_ms_ = 0;  // and that the journal could not be looked at; of the thread
    bool waits_told_ = false;        // and not yet that it goes on
    std::thread thread_;
};

}  // namespace nmstore::server
