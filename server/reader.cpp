#include "server/reader.h"

#include <algorithm>
#include <utility>

#include "server/json_writer.h"
#include "server/server_events.h"
#include "server/websocket_frame.h"

namespace nmstore::server {
namespace {

constexpr std::size_t kUnpacedReaders = 50;
constexpr std::chrono::milliseconds kPace{20};
constexpr std::chrono::milliseconds kPollCatchUp{10'000};
// Whoever waits for its turn sees to it that those who do not read let go of theirs.
constexpr std::chrono::milliseconds kLookForTurn{1000};

}  // namespace

Reader::Reader(Realtime& realtime, std::shared_ptr<Topic> topic, const FollowOptions& options, EventId place)
    : realtime_(realtime), topic_(std::move(topic)), options_(options), place_(place) {
    (void)topic_->begin(count_);
    place_due_ = options_.tells_place && !is_poll();
    realtime_.readers_.fetch_add(1, std::memory_order_relaxed);
}

Reader::~Reader() {
    hold(0);
    realtime_.catch_up_memory_.leave(this);
    realtime_.catch_up_memory_.call_next(kMaxQueueBytes);
    realtime_.readers_.fetch_sub(1, std::memory_order_relaxed);
}

void Reader::begin_with_gap(ChangeNumber first) {
    const std::lock_guard guard(mutex_);
    gap_ = first;
    realtime_.gaps_.fetch_add(1, std::memory_order_relaxed);
}

void Reader::opened(std::function<void()> wake) {
    const std::lock_guard guard(mutex_);
    wake_ = std::move(wake);
    const auto now = std::chrono::steady_clock::now();
    poll_end_ = now + options_.wait;
    poll_catch_up_end_ = now + std::max(options_.wait, kPollCatchUp);
}

void Reader::closed() {
    {
        const std::lock_guard guard(mutex_);
        closed_ = true;
        wake_ = nullptr;
        queue_.clear();
        queue_bytes_ = 0;
        halfway_.reset();
        if (!reading_) hold(0);
        realtime_.catch_up_memory_.leave(this);
    }
    realtime_.catch_up_memory_.call_next(kMaxQueueBytes);
}

void Reader::more() {
    std::function<void()> wake;
    {
        const std::lock_guard guard(mutex_);
        wake = wake_;
    }
    if (wake) wake();
}

std::chrono::steady_clock::time_point Reader::due() const {
    const std::lock_guard guard(mutex_);
    const auto end = is_poll() ? end_of_poll() : std::chrono::steady_clock::time_point::max();
    return waits_for_turn_ ? std::min(end, std::chrono::steady_clock::now() + kLookForTurn) : end;
}

// With each more events go out in one write than with the one before; who reads alone gets each at once.
std::chrono::milliseconds Reader::pace() const {
    const std::size_t readers = topic_->readers_about();
    return readers < kUnpacedReaders ? std::chrono::milliseconds(0) : kPace;
}

// The clients of old keep nothing between two polls but cookies.
void Reader::complete_head(std::vector<std::pair<std::string, std::string>>& headers) {
    if (options_.format != EventFormat::comet || options_.cookie.empty()) return;
    const std::lock_guard guard(mutex_);
    headers.emplace_back("Set-Cookie", options_.cookie + "=" + format_event_id(seen()) +
                                           "; Path=/cloudsandra; Max-Age=86400; HttpOnly; SameSite=Strict");
}

// ---- How events look ----------------------------------------------------------------------------

void Reader::write(const Event& event, std::string& out) {
    switch (options_.format) {
        case EventFormat::server_events:
            append_server_event(out, event.id_text, "", event.json);
            break;
        case EventFormat::lines:
            out.append(event.json) += '\n';
            break;
        case EventFormat::websocket:
            append_text_frame(out, event.json);
            break;
        case EventFormat::poll:
        case EventFormat::comet:
            out.append(polled_                                ? ","
                       : options_.format == EventFormat::poll ? "{\"events\":["
                                                              : "[")
                .append(event.json);
            polled_ = true;
            break;
    }
    realtime_.delivered_.fetch_add(1, std::memory_order_relaxed);
}

// What is no event itself: {"event":id,name:…}. Clients of old know nothing but values: to them only their
// new place is told, and at once.
void Reader::write_remark(std::string_view name, std::string_view value, const EventId& at,
                          std::string& out) {
    if (options_.format == EventFormat::comet) {
        is_remarked_ = true;
        return;
    }
    Event remark;
    remark.id = at;
    remark.id_text = format_event_id(at);
    JsonWriter json(remark.json);
    json.begin_object().member("event", remark.id_text).key(name).json(value);
    json.end_object();
    if (options_.format == EventFormat::server_events) {
        append_server_event(out, remark.id_text, name, remark.json);
    } else {
        write(remark, out);
        realtime_.delivered_.fetch_sub(1, std::memory_order_relaxed);
    }
}

// Tells the place as well, so that who follows what is rare need not be given long past changes when it comes
// back.
std::string_view Reader::heartbeat() const {
    const std::lock_guard guard(mutex_);
    heartbeat_ = place_text();
    return heartbeat_;
}

// A reader knows the place and has no event of it. With mutex_ held.
std::string Reader::place_text() const {
    const std::string id = format_event_id(seen());
    if (options_.format == EventFormat::server_events)
        return "id: " + id + "\n" + std::string(kServerEventHeartbeat);
    return "{\"event\":\"" + id + "\",\"heartbeat\":true}\n";
}

// With mutex_ held.
void Reader::tell_place(std::string& out) const {
    std::string text = place_text();
    if (options_.format != EventFormat::websocket) {
        out += text;
        return;
    }
    text.pop_back();  // the newline
    append_text_frame(out, text);
}

// Whatever is not behind it has been handed out. With mutex_ held.
EventId Reader::seen() const {
    return catching_up_ && queue_.empty() ? std::max(place_, read_to_) : place_;
}

// ---- What comes next ----------------------------------------------------------------------------

// A browser's WebSocket hears no pings: its page asks, whatever it says, and knows by the answer that we are
// there.
void Reader::receive(std::string) {
    const std::lock_guard guard(mutex_);
    place_due_ = true;
}

EventSource::More Reader::pull(std::string& out, std::size_t most) {
    bool caught_up = false;  // somewhat
    More more{};
    {
        const std::lock_guard guard(mutex_);
        caught_up = catching_up_;
        more = pull_now(out, most);
    }
    // It may have made room.
    if (caught_up) realtime_.catch_up_memory_.call_next(kMaxQueueBytes);
    return more;
}

EventSource::More Reader::pull_now(std::string& out, std::size_t most) {
    if (std::exchange(place_due_, false)) tell_place(out);
    const More more = pull_events(out, most);
    if (!is_poll()) return more;
    const bool has_answer = polled_ || is_remarked_ || fault_;
    if (!has_answer && std::chrono::steady_clock::now() < end_of_poll()) return More::wait;
    if (more == More::now && out.size() < most) return More::now;
    end_poll(out);
    return More::end;
}

// What was missed is there already, and is only being read: a poll that would not wait for that might never
// be told, however often it comes. With mutex_ held.
std::chrono::steady_clock::time_point Reader::end_of_poll() const {
    return catching_up_ ? poll_catch_up_end_ : poll_end_;
}

void Reader::end_poll(std::string& out) {
    if (!polled_) out += options_.format == EventFormat::poll ? "{\"events\":[" : "[";
    out += ']';
    if (options_.format == EventFormat::poll) out += ",\"next\":\"" + format_event_id(seen()) + "\"}";
    out += '\n';
}

// Of a poll the next one will be told.
void Reader::append_end(std::string& out, std::string_view code) {
    const std::lock_guard guard(mutex_);
    if (is_poll()) {
        end_poll(out);
    } else {
        write_remark("error", "\"" + std::string(code) + "\"", seen(), out);
    }
}

EventSource::More Reader::pull_events(std::string& out, std::size_t most) {
    const std::size_t before = out.size();
    const std::size_t most_written = is_poll() ? most : std::min(most, kMostWritten);
    if (gap_)
        write_remark("gap", std::to_string(*gap_), EventId::before(*std::exchange(gap_, std::nullopt)), out);
    while (catching_up_) {
        while (!queue_.empty() && out.size() - before < most_written) {
            const EventPtr event = std::move(queue_.front());
            queue_.pop_front();
            queue_bytes_ -= bytes_of(*event);
            place_ = event->id;
            if (catch_up_end_ && place_ > catch_up_end_->place) ++catch_up_end_->count.events;
            write(*event, out);
        }
        if (!reading_) hold(queue_bytes_);
        if (!queue_.empty()) return More::now;
        if (fault_) {
            write_remark("error", "\"" + std::string(code_name(fault_->code)) + "\"", place_, out);
            return More::end;
        }
        if (reading_) return More::wait;
        place_ = std::max(place_, read_to_);
        if (has_caught_up()) {
            catching_up_ = false;
            maker_.reset();
            halfway_.reset();
            break;
        }
        begin_to_catch_up();
        if (!fault_) return More::wait;
    }
    std::vector<EventPtr> events;
    const Topic::Reading reading = topic_->read(place_, count_, most, events);
    if (reading.behind) {
        // What it missed before it came is its due all the same, as is what it had no time to read: all that
        // is gone by now, and no more.
        const bool drops = live_ && options_.slow == SlowReader::drop;
        if (drops && reading.slow) {
            place_ = topic_->begin(count_);
            write_remark("dropped", std::to_string(std::max<std::uint64_t>(1, reading.lost)), place_, out);
            realtime_.dropped_.fetch_add(std::max<std::uint64_t>(1, reading.lost), std::memory_order_relaxed);
            return More::now;
        }
        catching_up_ = true;
        catch_up_end_.reset();
        if (drops) {
            Mark& end = catch_up_end_.emplace();
            end.place = topic_->begin(end.count);
        }
        read_to_ = place_;
        realtime_.catch_ups_.fetch_add(1, std::memory_order_relaxed);
        begin_to_catch_up();
        return fault_ ? More::now : More::wait;
    }
    live_ = true;
    for (const EventPtr& event : events) write(*event, out);
    return reading.more ? More::now : More::wait;
}

bool Reader::has_caught_up() {
    Topic::Amount count;
    const bool is_there = place_ >= topic_->begin(count);
    if (!is_there && (!catch_up_end_ || place_ < catch_up_end_->place)) return false;
    count_ = is_there ? count : catch_up_end_->count;
    return true;
}

}  // namespace nmstore::server
