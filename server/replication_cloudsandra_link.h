// A target that is a server of CloudSandra's v0.3 and knows nothing of replication: bulk posts, removals,
// posts of counters. The position is kept here. To send cells again changes nothing; of counters see
// replication_counters.h.
#pragma once

#include "nmstore/clock.h"
#include "server/replication_cells.h"
#include "server/replication_counters.h"
#include "server/replication_http.h"
#include "server/replication_link.h"
#include "server/replication_notes.h"

namespace nmstore::server {

class ReplicationCloudsandraLink final : public ReplicationLink {
  public:
    // store, clock and notes must outlive it.
    ReplicationCloudsandraLink(ReplicationCall call, const Store& store, const Clock& clock,
                               ReplicationNotes& notes, ReplicationPatterns patterns);
    Result<std::optional<ChangeNumber>> position() override;
    std::size_t batch_bytes() const override {
        return std::size_t{256} << 10;
    }  // lines become much more as cells
    Result<void> begin(ChangeNumber at) override;
    Result<ReplicationSent> send(const ReplicationBatch& batch) override;
    Result<void> begin_copy() override;
    Result<ReplicationSent> send_copy(const JournalRecord& record) override;
    Result<void> end_copy(ChangeNumber at) override;

  private:
    Result<void> send_families();
    Result<void> tell_cells(const CloudsandraWrite& write);
    Result<void> set_counters(const std::map<CounterName, std::int64_t>& values);
    void take_refused();  // what the counters have set aside
    Result<void> tell(const CloudsandraWrite& write);
    // Cells [from, to) of a write, in smaller parts if the target does not take them together.
    Result<void> post_cells(const CloudsandraWrite& write, std::size_t from, std::size_t to);
    // Cells [from, to), all of one row and time to live.
    Result<void> post_form(const CloudsandraWrite& write, std::size_t from, std::size_t to);
    Result<void> post_alone(const CloudsandraWrite& write, const CloudsandraCell& cell);
    Result<ReplicationAnswer> ask(const std::string& method, const std::string& path,
                                  const std::string& type = "", std::string_view body = {});
    // A call that stands for itself: what is refused is set aside.
    Result<void> single(const CloudsandraWrite& write, const std::string& method, const std::string& path,
                        const std::string& type = "", std::string_view body = {},
                        const std::string& value = "");
    Result<void> remove_counters(const CloudsandraWrite& write);
    bool set_aside_named(const CloudsandraWrite& write, const std::string& answer);
    void set_aside(ChangeNumber number, std::string what, std::string why, std::string value);

    const ReplicationCall call_;
    const Store& store_;
    const Clock& clock_;
    ReplicationNotes& notes_;
    const ReplicationPatterns patterns_;
    ReplicationCounters counters_;
    ReplicationSent sent_;  // of what is being sent
};

}  // namespace nmstore::server
