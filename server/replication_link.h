// What a sender says to a target: the same in the two protocols that targets speak.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/journal.h"
#include "nmstore/result.h"

namespace nmstore::server {

// A value that the target will never take.
struct ReplicationRefused {
    ChangeNumber number = 0;  // of the record that it was in; 0: not known
    std::string what;         // "CFUTF8Type/clients/10.0.0.1"
    std::string why;
    std::string value;  // its beginning
};

struct ReplicationBatch {
    ChangeNumber from = 0, end = 0;      // all that is wanted of [from, end), or of a copy
    std::vector<JournalRecord> records;  // by number
};

struct ReplicationSent {
    ChangeNumber position = 0;  // everything before it is at the target; may be less than the batch's end
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  // on the wire
    std::vector<ReplicationRefused> refused;
    std::uint64_t refused_more = 0;  // that the target only counts
};

// One thread. Errors as replication_fault() makes them; conflict: the target stands elsewhere, ask its
// position(). After an error it is not known what has arrived: ask.
class ReplicationLink {
  public:
    virtual ~ReplicationLink() = default;
    // Up to where the target has everything; nullopt: it has never been sent anything.
    virtual Result<std::optional<ChangeNumber>> position() = 0;
    // What the target refused before that position, where its answer may not have arrived; some may have.
    virtual std::vector<ReplicationRefused> told_late() { return {}; }
    // The id of the hub that answered last; "": it is none. What began there is not sent there.
    virtual std::string target_hub() const { return ""; }
    // How much of the journal is good to be sent at once, about.
    virtual std::size_t batch_bytes() const = 0;
    // Of a target that has no position: it is to begin at `at`.
    virtual Result<void> begin(ChangeNumber at) = 0;
    // From the position on. Without records: it only moves on.
    virtual Result<ReplicationSent> send(const ReplicationBatch& batch) = 0;

    // A copy: begin_copy(), then its records one by one, each until it is sent, then end_copy(), which sets
    // the position.
    virtual Result<void> begin_copy() = 0;
    virtual Result<ReplicationSent> send_copy(const JournalRecord& record) = 0;
    virtual Result<void> end_copy(ChangeNumber at) = 0;
};

}  // namespace nmstore::server
