// One reader of events: its place in the order of all events, and how they look to it. Private to
// realtime.cpp and reader.cpp.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "server/realtime.h"

namespace nmstore::server {

class Reader final : public EventSource, public CatchUpReader, public std::enable_shared_from_this<Reader> {
  public:
    Reader(Realtime& realtime, std::shared_ptr<Topic> topic, const FollowOptions& options, EventId place);
    ~Reader() override;
    // The first that it tells is that of what came before `first` nothing is known. Before opened() only.
    void begin_with_gap(ChangeNumber first);

    More pull(std::string& out, std::size_t most) override;
    std::string_view heartbeat() const override;
    void append_end(std::string& out, std::string_view code) override;
    void receive(std::string) override;
    bool delays_head() const override { return is_poll(); }
    void complete_head(std::vector<std::pair<std::string, std::string>>& headers) override;
    std::chrono::steady_clock::time_point due() const override;
    std::chrono::milliseconds pace() const override;
    void opened(std::function<void()> wake) override;
    void closed() override;
    void more() override;    // any thread
    void let_go() override;  // any thread

  private:
    // Of what comes from the store, written at once: it is not counted, and there may be thousands who do not
    // read.
    static constexpr std::size_t kMostWritten = std::size_t{16} << 10;
    static constexpr std::size_t kMaxQueueBytes = std::size_t{256} << 10;  // read ahead from the store
    static constexpr std::size_t kStepBytes = std::size_t{256} << 10;      // of changes, read at a time

    // A place, and what the topic had had there.
    struct Mark {
        EventId place;
        Topic::Amount count;
    };

    bool is_poll() const {
        return options_.format == EventFormat::poll || options_.format == EventFormat::comet;
    }
    More pull_now(std::string& out, std::size_t most);
    More pull_events(std::string& out, std::size_t most);
    std::chrono::steady_clock::time_point end_of_poll() const;
    void end_poll(std::string& out);
    void write(const Event& event, std::string& out);
    void write_remark(std::string_view name, std::string_view members, const EventId& at, std::string& out);
    EventId seen() const;
    std::string place_text() const;
    void tell_place(std::string& out) const;
    // ---- From the store; with mutex_ held
    void begin_to_catch_up();
    void hold(std::size_t bytes);
    bool has_caught_up();
    // ---- In the pool
    void catch_up();
    void keep_halfway(std::shared_ptr<const Change> change);
    Result<void> read_some(EventMaker& maker);

    Realtime& realtime_;
    const std::shared_ptr<Topic> topic_;
    const FollowOptions options_;

    mutable std::mutex mutex_;  // guards what follows
    std::function<void()> wake_;
    EventId place_;           // of the last event that was handed out, or all before a change
    Topic::Amount count_;     // see Topic::read
    bool place_due_ = false;  // the client of a WebSocket wants to hear it
    bool live_ = false;       // has been where the topic is
    bool catching_up_ = false;
    bool reading_ = false;  // a job is at work
    bool waits_for_turn_ = false;
    std::optional<ChangeNumber> gap_;   // to be told: of changes before this nothing is known any more
    EventId read_to_;                   // while catching up: how far the queue goes
    std::optional<Mark> catch_up_end_;  // where it is to end, if not where the topic begins by then
    std::deque<EventPtr> queue_;
    std::size_t queue_bytes_ = 0;
    std::size_t held_bytes_ = 0;  // of the memory of all that catch up: the queue, or what is read at most
    std::unique_ptr<EventMaker> maker_;
    std::shared_ptr<const Change> halfway_;  // that it has read a part of
    std::optional<Error> fault_;
    bool closed_ = false;
    std::chrono::steady_clock::time_point poll_end_;
    std::chrono::steady_clock::time_point poll_catch_up_end_;  // not before poll_end_
    bool polled_ = false;                                      // something of a poll's answer was written
    bool is_remarked_ = false;  // a poll of old is to end, as its place is not where it was
    mutable std::string heartbeat_;
};

}  // namespace nmstore::server
