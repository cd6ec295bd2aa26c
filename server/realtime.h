// Those who follow what is written, and what they follow.
//
// One listener of the follower of changes makes the events of all topics: filters are asked together, so that
// a line that nobody wants costs little however many follow. A reader takes events from its topic; who comes
// back with an older id, or has fallen behind what the topic holds, is given what it missed from the store,
// in the pool of handlers, some at a time and no faster than it reads, until it is where the topic begins.
// Writers wait for none of them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "nmstore/store.h"
#include "server/catch_up_memory.h"
#include "server/change_follower.h"
#include "server/client_tags.h"
#include "server/event_source.h"
#include "server/event_subject.h"
#include "server/halfway_changes.h"
#include "server/realtime_stats.h"
#include "server/topic.h"

namespace nmstore::server {

// How events look to the reader.
enum class EventFormat : std::uint8_t {
    server_events,  // text/event-stream
    lines,          // a JSON object a line
    websocket,      // a JSON object a message
    poll,           // {"events":[…],"next":id} once there are some, or the time is over
    comet,          // the array alone
};

// What a reader that is too slow wants.
enum class SlowReader : std::uint8_t {
    catch_up,  // to be given everything, from the store
    drop,      // to be told how many it has missed, and go on
};

struct FollowOptions {
    EventFormat format = EventFormat::lines;
    SlowReader slow = SlowReader::catch_up;
    std::optional<EventId> after;  // the last event that the reader has seen; nullopt: what comes from now on
    std::chrono::milliseconds wait{25000};  // of a poll
    std::string cookie{};                   // of a poll of old: where the place is kept
    bool tells_place = false;  // before the first event: whoever is cut before that comes back with it
};

class Realtime final : public ChangeListener {
  public:
    static constexpr std::size_t kMaxTopics = 10'000;
    static constexpr std::size_t kMaxTopicBytes = std::size_t{4} << 20;
    static constexpr std::size_t kMinTopicBytes = std::size_t{4} << 10;
    static constexpr std::size_t kMinLookAt = 16;
    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;  // of all topics, about

    static constexpr std::size_t kMaxCatchUpBytes = std::size_t{64} << 20;
    static constexpr std::chrono::milliseconds kCatchUpPatience{2000};

    using RunJob = std::function<bool(std::function<void()>)>;
    // All must outlive the readers' sources. `run_job` as Context::run_job. Those that catch up hold
    // catch_up_bytes together, about, besides one step each of the threads that run jobs, and what is on its
    // way to each client; what a client does not take for catch_up_patience is let go where others wait.
    Realtime(const Store& store, ChangeFollower& follower, RunJob run_job,
             std::size_t catch_up_bytes = kMaxCatchUpBytes,
             std::chrono::milliseconds catch_up_patience = kCatchUpPatience);
    ~Realtime() override;

    // Where the answer to a reader comes from. busy: too many topics; invalid_argument: a filter that cannot
    // be used; cancelled: `gone` said that the reader is, before its filter was ready.
    Result<std::shared_ptr<EventSource>> follow(EventSubjectPtr subject, const FollowOptions& options,
                                                const query::IsGone& gone = {});

    RealtimeStats stats() const;

    std::optional<ChangeNumber> wants_from() override;
    void missed(ChangeNumber from, ChangeNumber first) override;
    void on_row(const Change& change, const ChangedRow& changed, const LogRow& row) override;
    void on_value(const Change& change, const ToldValue& value, std::size_t at) override;
    void on_end(const Change& change) override;
    void on_rest(ChangeNumber end) override;

  private:
    friend class Reader;
    struct Followed {
        std::shared_ptr<Topic> topic;
        query::StandingQueries::Id id = 0;
    };

    Result<std::shared_ptr<Topic>> topic_of(EventSubjectPtr subject, const query::IsGone& gone);
    // With mutex_ held; null: it is not followed yet, but may be.
    Result<std::shared_ptr<Topic>> known_topic(const EventSubject& subject);
    // Events of a change, by topic. Of more than a topic may hold nothing is kept: readers find it in the
    // store.
    struct Gathered {
        std::vector<EventPtr> events;
        Topic::Amount amount;
        bool too_much = false;
    };
    Gathered* too_much_of(Topic& topic);  // nullptr: it is not
    void gather(Topic& topic, EventPtr event);
    void gather_row(Topic& topic, const Change& change, const ChangedRow& changed, const LogRow& row);
    void gather_line(Topic& topic, const Change& change, const ChangedRow& changed, const Line& line);
    // Calls each(topic) for those without a filter that may have events of this row.
    template <class Each>
    void for_each_of_row(std::string_view family, std::string_view row, const Each& each);
    void forget(Topic* topic);
    void failed(const LogRow& row, const Error& error);
    void told(ChangeNumber end);
    void hand_over(const Change& change);
    void forget_unread();

    const Store& store_;
    ChangeFollower& follower_;
    const RunJob run_job_;
    CatchUpMemory catch_up_memory_;
    HalfwayChanges halfway_;

    std::atomic<ChangeNumber> told_to_{0};  // all before it; outlives the topics
    std::mutex mutex_;                      // guards what follows
    std::unordered_map<std::string, Followed> topics_;
    std::unordered_map<query::StandingQueries::Id, Topic*> by_id_;
    // Without a filter: by their rows(), and those of any.
    std::unordered_map<std::string, std::vector<Topic*>> by_rows_;
    std::vector<Topic*> of_any_row_;
    std::unordered_set<Topic*> fresh_;  // readers are to be woken
    std::size_t look_at_ = kMinLookAt;  // when there are so many, some may have no reader
    ClientTags tags_;                   // as the filters know them
    query::StandingQueries standing_;
    query::StandingQueries::Id last_id_ = 0;
    std::size_t topic_bytes_ = kMaxTopicBytes;
    std::chrono::steady_clock::time_point looked_at_readers_{};
    std::unordered_map<Topic*, Gathered> gathered_;
    std::optional<ChangeNumber> telling_;  // some of it

    mutable std::atomic<std::uint64_t> topic_count_{0}, readers_{0}, events_{0}, delivered_{0}, dropped_{0},
        catch_ups_{0}, gaps_{0}, failures_{0};
};

}  // namespace nmstore::server
