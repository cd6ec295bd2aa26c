#include "server/realtime.h"

#include <algorithm>

#include "server/log.h"
#include "server/reader.h"

namespace nmstore::server {
namespace {

// How often topics that nobody reads any more are looked for.
constexpr std::chrono::seconds kLookAtReaders{1};

}  // namespace

Realtime::Realtime(const Store& store, ChangeFollower& follower, RunJob run_job, std::size_t catch_up_bytes,
                   std::chrono::milliseconds catch_up_patience)
    : store_(store),
      follower_(follower),
      run_job_(std::move(run_job)),
      catch_up_memory_(catch_up_bytes, catch_up_patience),
      tags_(store) {}

Realtime::~Realtime() = default;

Result<std::shared_ptr<EventSource>> Realtime::follow(EventSubjectPtr subject, const FollowOptions& options,
                                                      const query::IsGone& gone) {
    // Everything that was committed before this call is not "from now on"; everything afterwards is.
    const ChangeNumber end = store_.changes().end;
    const EventId now = EventId::before(end);
    NM_ASSIGN(const std::shared_ptr<Topic> topic, topic_of(std::move(subject), gone));
    // Whoever has seen what was never written here followed another store, or this one before it lost its
    // end: nothing that is to come may look as if it had been seen.
    const bool is_ahead = options.after && *options.after > now;
    const EventId place = is_ahead ? now : options.after.value_or(now);
    auto reader = std::make_shared<Reader>(*this, topic, options, place);
    if (is_ahead) reader->begin_with_gap(end);
    topic->attach(reader);
    return std::shared_ptr<EventSource>(std::move(reader));
}

Result<std::shared_ptr<Topic>> Realtime::known_topic(const EventSubject& subject) {
    const auto known = topics_.find(subject.key());
    if (known != topics_.end()) return known->second.topic;
    // So few are looked at for each that comes, however many there are.
    if (topics_.size() >= look_at_ || topics_.size() >= kMaxTopics) forget_unread();
    if (topics_.size() >= kMaxTopics) {
        return Error{Code::busy, "more than " + std::to_string(kMaxTopics) +
                                     " different filters and channels are followed already"};
    }
    return std::shared_ptr<Topic>();
}

Result<std::shared_ptr<Topic>> Realtime::topic_of(EventSubjectPtr subject, const query::IsGone& gone) {
    // The follower's thread must not wait until a filter is ready, so that is made with no lock held.
    std::optional<query::StandingQueries::Prepared> prepared;
    if (subject->filter() != nullptr) {
        {
            const std::lock_guard guard(mutex_);
            NM_ASSIGN(auto known, known_topic(*subject));
            if (known != nullptr) return known;
        }
        NM_ASSIGN(prepared, query::StandingQueries::prepare(*subject->filter(), tags_.names(), gone));
    }
    const std::lock_guard guard(mutex_);
    NM_ASSIGN(auto known, known_topic(*subject));
    if (known != nullptr) return known;
    const query::StandingQueries::Id id = ++last_id_;
    if (prepared) NM_TRY(standing_.add(id, std::move(*prepared)));
    // Of a change that is being told at this moment some has passed by.
    const ChangeNumber first = telling_ ? *telling_ + 1 : std::max(told_to_.load(), follower_.told_to());
    auto topic = std::make_shared<Topic>(subject, first, told_to_);
    topics_.emplace(subject->key(), Followed{topic, id});
    if (subject->filter() != nullptr) {
        by_id_.emplace(id, topic.get());
    } else if (subject->rows() != nullptr) {
        by_rows_[*subject->rows()].push_back(topic.get());
    } else {
        of_any_row_.push_back(topic.get());
    }
    topic_bytes_ = std::clamp(kMaxBytes / topics_.size(), kMinTopicBytes, kMaxTopicBytes);
    topic_count_ = topics_.size();
    return topic;
}

void Realtime::forget_unread() {
    for (auto at = topics_.begin(); at != topics_.end();) {
        // A topic that only the map holds has no reader, and none that is about to come. Each is asked for
        // its readers in any case, so that it forgets those that are gone.
        const bool is_read = at->second.topic->readers() > 0;
        if (is_read || at->second.topic.use_count() > 1) {
            ++at;
            continue;
        }
        standing_.remove(at->second.id);
        by_id_.erase(at->second.id);
        forget(at->second.topic.get());
        at = topics_.erase(at);
    }
    look_at_ = std::max(kMinLookAt, 2 * topics_.size());
    if (standing_.empty()) tags_.forget();
    topic_count_ = topics_.size();
}

void Realtime::forget(Topic* topic) {
    fresh_.erase(topic);
    gathered_.erase(topic);
    if (topic->subject()->filter() != nullptr) return;
    const std::string* rows = topic->subject()->rows();
    if (rows == nullptr) {
        std::erase(of_any_row_, topic);
        return;
    }
    const auto found = by_rows_.find(*rows);
    std::erase(found->second, topic);
    if (found->second.empty()) by_rows_.erase(found);
}

// ---- On the follower's thread -------------------------------------------------------------------

void Realtime::gather(Topic& topic, EventPtr event) {
    Gathered& gathered = gathered_[&topic];
    ++gathered.amount.events;
    gathered.amount.bytes += bytes_of(*event);
    if (gathered.too_much) return;
    gathered.events.push_back(std::move(event));
    gathered.too_much = gathered.amount.bytes > topic_bytes_;
    if (gathered.too_much) std::vector<EventPtr>().swap(gathered.events);
}

Realtime::Gathered* Realtime::too_much_of(Topic& topic) {
    const auto known = gathered_.find(&topic);
    return known != gathered_.end() && known->second.too_much ? &known->second : nullptr;
}

// Of what is too much no events are made; they are counted only.
void Realtime::gather_line(Topic& topic, const Change& change, const ChangedRow& changed, const Line& line) {
    if (Gathered* const gathered = too_much_of(topic)) {
        ++gathered->amount.events;
        gathered->amount.bytes += line.text.size();
        return;
    }
    const auto part = static_cast<std::size_t>(&changed - change.rows.data());
    gather(topic, topic.subject()->of_line(change, part, line));
}

void Realtime::gather_row(Topic& topic, const Change& change, const ChangedRow& changed, const LogRow& row) {
    const auto part = static_cast<std::size_t>(&changed - change.rows.data());
    std::uint64_t made = 0;
    query::LineWindow window;
    // By the first it is known that the row is of the topic.
    window.wants = [&](const LineId&) { return made == 0 || too_much_of(topic) == nullptr; };
    const auto each = [&](EventPtr event) {
        ++made;
        gather(topic, std::move(event));
    };
    const Result<void> told = topic.subject()->of_row(store_, change, part, row, window, each);
    if (!told.ok()) failed(row, told.error());
    if (Gathered* const gathered = too_much_of(topic); gathered && made > 0 && made < changed.lines)
        gathered->amount.events += changed.lines - made;
}

void Realtime::failed(const LogRow& row, const Error& error) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    log_event(LogLevel::error, "cannot tell of what was written", {{"row", row.key}, {"why", error.message}});
}

template <class Each>
void Realtime::for_each_of_row(std::string_view family, std::string_view row, const Each& each) {
    for (Topic* topic : of_any_row_) each(*topic);
    if (by_rows_.empty()) return;
    for (const std::string& rows : {channel_row(family, row), channel_client(family, row)}) {
        const auto found = by_rows_.find(rows);
        if (found == by_rows_.end()) continue;
        for (Topic* topic : found->second) each(*topic);
    }
}

// Hands what was gathered to the topics, in order of ids.
void Realtime::hand_over(const Change& change) {
    for (auto& [topic, gathered] : gathered_) {
        if (gathered.too_much) topic->pass_over(change.number, gathered.amount);
        fresh_.insert(topic);
        std::sort(gathered.events.begin(), gathered.events.end(),
                  [](const EventPtr& a, const EventPtr& b) { return a->id < b->id; });
        events_.fetch_add(gathered.events.size(), std::memory_order_relaxed);
        for (EventPtr& event : gathered.events) topic->add(std::move(event), topic_bytes_);
    }
    gathered_.clear();
}

std::optional<ChangeNumber> Realtime::wants_from() {
    const std::lock_guard guard(mutex_);
    told_to_ = store_.changes().end;  // what came before it is read from the store
    return told_to_.load();
}

// Topics must not look as if they had what nobody told them: their readers find the gap in the store.
void Realtime::missed(ChangeNumber, ChangeNumber first) {
    const std::lock_guard guard(mutex_);
    for (const auto& [key, followed] : topics_) {
        followed.topic->pass_over(first == 0 ? 0 : first - 1, {});
        fresh_.insert(followed.topic.get());
    }
    told_to_ = std::max(told_to_.load(), first);
}

void Realtime::on_row(const Change& change, const ChangedRow& changed, const LogRow& row) {
    const std::lock_guard guard(mutex_);
    telling_ = change.number;
    if (topics_.empty()) return;
    for_each_of_row(row.family, row.key, [&](Topic& topic) { gather_row(topic, change, changed, row); });
    if (standing_.empty()) return;
    if (tags_.have_changed(row.client)) standing_.forget_rows();
    const Result<void> told = standing_.match_changed(store_, change, changed, row,
                                                      [&](query::StandingQueries::Id id, const Line& line) {
                                                          gather_line(*by_id_.at(id), change, changed, line);
                                                      });
    if (!told.ok()) failed(row, told.error());
}

void Realtime::on_value(const Change& change, const ToldValue& value, std::size_t at) {
    const std::lock_guard guard(mutex_);
    telling_ = change.number;
    for_each_of_row(value.family, value.row, [&](Topic& topic) {
        topic.subject()->of_value(change, at, [&](EventPtr event) { gather(topic, std::move(event)); });
    });
}

// Only those that have something are looked at: there may be many that wait for what is rare.
void Realtime::told(ChangeNumber end) {
    told_to_.store(std::max(told_to_.load(), end), std::memory_order_release);
    for (Topic* topic : fresh_) topic->wake_readers();
    fresh_.clear();
}

void Realtime::on_end(const Change& change) {
    const std::lock_guard guard(mutex_);
    hand_over(change);
    telling_.reset();
    told(change.number + 1);
}

void Realtime::on_rest(ChangeNumber end) {
    const std::lock_guard guard(mutex_);
    told(end);
    const auto now = std::chrono::steady_clock::now();
    if (now - looked_at_readers_ < kLookAtReaders) return;
    looked_at_readers_ = now;
    forget_unread();
}

RealtimeStats Realtime::stats() const {
    RealtimeStats out;
    out.topics = topic_count_;
    out.readers = readers_;
    out.events = events_;
    out.delivered = delivered_;
    out.dropped = dropped_;
    out.catch_ups = catch_ups_;
    out.catch_up_bytes = catch_up_memory_.bytes();
    out.catch_up_waits = catch_up_memory_.waits();
    out.gaps = gaps_;
    out.failures = failures_ + follower_.failures();
    const ChangeNumber end = store_.changes().end, told = follower_.told_to();
    out.behind = end > told ? end - told : 0;
    return out;
}

}  // namespace nmstore::server
