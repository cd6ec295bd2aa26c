// A target that is an nm-stored: records as they are, packed, and the target knows how far it is.
#pragma once

#include <utility>

#include "server/replication_http.h"
#include "server/replication_link.h"

namespace nmstore::server {

inline constexpr std::uint64_t kReplicationProtocol = 2;

struct ReplicationHello {
    bool is_hub = false;  // else it does not know the call
    std::string hub;      // its id
    std::optional<ChangeNumber> position;
    bool standby = false;
    std::vector<ReplicationRefused> refused;  // of the last post: its answer may not have arrived
};
// unsupported: it refuses, is this very hub, or speaks another protocol.
Result<ReplicationHello> say_hello(const ReplicationCall& call, const JournalLink& link);

class ReplicationHubLink final : public ReplicationLink {
  public:
    ReplicationHubLink(ReplicationCall call, JournalLink link);  // the hub that sends, and the stream
    Result<std::optional<ChangeNumber>> position() override;
    std::vector<ReplicationRefused> told_late() override { return std::exchange(told_late_, {}); }
    std::string target_hub() const override { return target_hub_; }
    std::size_t batch_bytes() const override { return std::size_t{4} << 20; }
    Result<void> begin(ChangeNumber at) override;
    Result<ReplicationSent> send(const ReplicationBatch& batch) override;
    Result<void> begin_copy() override;
    Result<ReplicationSent> send_copy(const JournalRecord& record) override;
    Result<void> end_copy(ChangeNumber at) override;

  private:
    Result<ReplicationSent> post(const std::string& stream, const ReplicationBatch& batch, bool begins);
    Result<void> set_position(const std::string& stream, std::optional<ChangeNumber> position);

    const ReplicationCall call_;
    const JournalLink link_;
    std::string target_hub_;
    std::vector<ReplicationRefused> told_late_;
    bool begins_ = false;
    std::string copy_stream_;
};

}  // namespace nmstore::server
