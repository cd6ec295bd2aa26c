// Replication as a whole: this hub as a sender to its targets, as a target of others, and as a standby.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "server/replication_options.h"
#include "server/replication_receiver.h"
#include "server/replication_sender.h"
#include "server/replication_standby.h"
#include "server/replication_status.h"

namespace nmstore::server {

// Any thread, but for start() and stop().
class Replication {
  public:
    // Store and clock must outlive it.
    static Result<std::unique_ptr<Replication>> open(
        Store& store, const Clock& clock, const ReplicationOptions& options,
        const ReplicationSender::MakeCall& make_call = replication_call);
    ~Replication();
    void start();
    void stop();

    ReplicationStandby& standby() { return standby_; }
    ReplicationReceiver& receiver() { return receiver_; }
    ReplicationSender* target(std::string_view name);  // nullptr: none is called so
    ReplicationStatus status() const;

  private:
    Replication(Store& store, const Clock& clock, const ReplicationOptions& options);
    void forget_what_is_sent();

    Store& store_;
    const bool journal_on_;
    const std::uint64_t journal_limit_;
    ReplicationStandby standby_;
    ReplicationReceiver receiver_;
    std::vector<std::unique_ptr<ReplicationSender>> senders_;
};

}  // namespace nmstore::server
