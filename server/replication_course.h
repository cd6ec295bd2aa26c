// What is done for one target, step by step: to ask it where it stands, and to send it what comes after that,
// or a full copy.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "nmstore/clock.h"
#include "nmstore/store.h"
#include "server/replication_http.h"
#include "server/replication_link.h"
#include "server/replication_notes.h"
#include "server/replication_options.h"
#include "server/replication_times.h"

namespace nmstore::server {

// How far it is; of one moment.
struct ReplicationProgress {
    bool connected = false;  // the target has been asked, and no error came since
    bool target_is_standby = false;
    std::int64_t asked_ms = 0;  // when the request was begun that has no answer yet; 0: there is none
    std::optional<ChangeNumber> position;  // the last that is known
    ChangeNumber passed = 0;               // up to there nothing is missing at the target
    // When the first that is missing was committed here; 0: not known, or nothing is.
    std::int64_t oldest_ms = 0;
    std::uint64_t sent_records = 0, sent_bytes = 0;
    bool copying = false;
    ChangeNumber copy_at = 0;
    std::uint64_t copy_done = 0, copy_total = 0;  // rows
};

class ReplicationCourse {
  public:
    // All but `call` and `target` must outlive it.
    ReplicationCourse(Store& store, const Clock& clock, ReplicationNotes& notes,
                      ReplicationTargetOptions target, ReplicationCall call);

    enum class Step : std::uint8_t {
        sent,        // something; go on
        idle,        // there is nothing to be sent
        needs_copy,  // and nothing may be sent until one is asked for
        asks_again,  // in a while, what the target is
    };
    // One thread. After an error the next step asks the target where it stands. Codes as of ReplicationLink.
    Result<Step> step();
    // Any thread.
    ReplicationProgress progress() const;
    // What the target asked for in its last answer, as long as that was an error. Of the thread of step().
    std::optional<std::chrono::milliseconds> asked_to_wait() const { return *asked_to_wait_; }
    // A copy of which nothing was sent for long: its snapshot keeps on disk what has gone since. It begins
    // anew when it is gone on with. Of the thread of step().
    void let_old_copy_go();
    // Where the target is away: what it does not have may have left the journal. Of the thread of step().
    Result<void> look_at_journal();
    // So that look_at_journal() knows after a restart what the target has, although it does not answer then:
    // at its first failure, and at a stop. Writes only what is new. Of the thread of step().
    Result<void> keep_position();
    // That the journal ends as it does now, for when it is asked how old a record is. Any thread.
    void note_time() const;
    // When what stands there in the journal, or next, was committed; nullopt: nothing does, or it cannot be
    // read. Any thread.
    std::optional<std::int64_t> committed_ms(ChangeNumber from) const;
    // The last position that is known of the target, of this run or from the notes. Any thread.
    std::optional<ChangeNumber> last_position() const;

  private:
    Result<Step> try_step();
    // What the step comes to already; nullopt: it is connected.
    Result<std::optional<Step>> connect();
    Result<std::optional<Step>> look_for_hub();
    Result<Step> turned_out_as_hub();
    Result<void> find_position();
    bool has_record_before(ChangeNumber position) const;
    Result<Step> copy_step();
    Result<void> read_copy();
    Result<Step> copy_in_smaller_parts(const Error& told);
    Result<Step> end_copy();
    Result<Step> send_step();
    struct ReadBatch {
        ReplicationBatch batch;
        std::size_t bytes = 0;  // of all that was read, wanted or not
    };
    Result<ReadBatch> read_batch();  // what comes next in the journal
    Result<Step> idle_step();
    Result<Step> send(ReplicationBatch batch, std::size_t read_bytes);
    Result<void> move_on(ChangeNumber position);
    // keep_from: what the journal keeps for it all the same.
    Result<void> mark_needs_copy(const std::string& why,
                                 std::optional<ChangeNumber> keep_from = std::nullopt);
    Result<void> note_oldest(const JournalRecord& record);
    Result<bool> store_is_empty() const;
    Result<std::string> wanted_part(const JournalRecord& record) const;  // "": nothing
    JournalFilter filter() const;
    template <class Change>
    void change(const Change& how) {
        const std::lock_guard guard(mutex_);
        how(progress_);
    }

    static constexpr std::string_view kHub = "hub", kCloudsandra = "cloudsandra";
    static constexpr std::int64_t kAskIdleMs = 10'000;  // whether the target is still there, and the same

    Store& store_;
    const Clock& clock_;
    ReplicationNotes& notes_;
    const ReplicationTargetOptions target_;
    const std::shared_ptr<std::optional<std::chrono::milliseconds>> asked_to_wait_;  // shared with call_
    const ReplicationCall call_;
    const ChangeNumber opened_at_;  // where the journal began at the start
    std::unique_ptr<ReplicationLink> link_;
    int unknown_calls_ = 0;                 // how often in a row the target did not know hello
    std::int64_t hello_ms_ = 0;             // when a plain server was last asked whether it is one
    std::optional<ChangeNumber> position_;  // nullopt: ask
    ChangeNumber tried_ = 0;                // up to there something may have arrived
    ChangeNumber read_to_ = 0;              // up to there nothing was wanted that is not at the target
    std::int64_t posted_ms_ = 0;            // when the position was last told to the target
    std::int64_t heard_ms_ = 0;             // when the target last answered
    std::size_t batch_bytes_ = 0;     // less after an error: a batch of many calls may never get through
    std::size_t most_bytes_ = 0;      // that the target takes at once
    std::int64_t copy_moved_ms_ = 0;  // when a part of the copy was sent last
    std::unique_ptr<JournalCopy> copy_;
    std::optional<JournalRecord> copy_record_;  // that is on its way

    mutable JournalTimes times_;
    mutable std::mutex mutex_;
    ReplicationProgress progress_;
};

}  // namespace nmstore::server
