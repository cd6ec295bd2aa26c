// Where a target stands: what it is, and from where it is gone on with.
#include <algorithm>

#include "server/log.h"
#include "server/replication_cloudsandra_link.h"
#include "server/replication_course.h"
#include "server/replication_hub_link.h"
#include "server/replication_start.h"

namespace nmstore::server {
namespace {

constexpr int kUnknownCallsNeeded = 3;  // what stands between may answer anything once

}  // namespace

Result<std::optional<ReplicationCourse::Step>> ReplicationCourse::connect() {
    const JournalLink link{store_.hub_id(), target_.patterns.stream()};
    auto answered = say_hello(call_, link);
    if (!answered.ok()) unknown_calls_ = 0;
    NM_ASSIGN(const ReplicationHello hello, std::move(answered));
    const std::string known = notes_.memory().kind;
    if (!hello.is_hub) {
        if (known == kHub)
            return Error{Code::unsupported,
                         "the target was an nm-stored, and does not know the call any more"};
        if (known.empty() && ++unknown_calls_ < kUnknownCallsNeeded) return std::optional(Step::asks_again);
        // Nor is everything a server of v0.3 that does not know the call.
        if (known.empty()) NM_TRY(cloudsandra_families(call_));
    }
    if (hello.is_hub && known == kCloudsandra) {
        NM_ASSIGN(const Step step, turned_out_as_hub());
        return std::optional(step);
    }
    const std::string_view kind = hello.is_hub ? kHub : kCloudsandra;
    if (known != kind) NM_TRY(notes_.change([kind](ReplicationMemory& m) { m.kind = kind; }));
    if (hello.is_hub) {
        link_ = std::make_unique<ReplicationHubLink>(call_, link);
    } else {
        link_ = std::make_unique<ReplicationCloudsandraLink>(call_, store_, clock_, notes_, target_.patterns);
    }
    most_bytes_ = link_->batch_bytes();
    batch_bytes_ = most_bytes_;
    hello_ms_ = clock_.now_ms();
    change([&hello](ReplicationProgress& p) { p.target_is_standby = hello.standby; });
    return std::optional<Step>();
}

// A plain server is asked now and then whether it is still one; that also tells that it is there.
Result<std::optional<ReplicationCourse::Step>> ReplicationCourse::look_for_hub() {
    const std::int64_t now_ms = clock_.now_ms();
    const bool asked_lately = now_ms < hello_ms_ + kAskIdleMs && now_ms >= hello_ms_;
    if (asked_lately || notes_.memory().kind != kCloudsandra) return std::optional<Step>();
    NM_ASSIGN(const ReplicationHello hello, say_hello(call_, {store_.hub_id(), target_.patterns.stream()}));
    hello_ms_ = now_ms;
    if (!hello.is_hub) return std::optional<Step>();
    NM_ASSIGN(const Step step, turned_out_as_hub());
    return std::optional(step);
}

// What it was sent as a plain server it has not taken as a hub would: it has no position, no sources of
// lines.
Result<ReplicationCourse::Step> ReplicationCourse::turned_out_as_hub() {
    link_.reset();
    copy_.reset();
    const bool asked_for = notes_.memory().resync;
    if (!asked_for) NM_TRY(mark_needs_copy("the target is an nm-stored, and was taken for a plain server"));
    NM_TRY(notes_.change([](ReplicationMemory& m) {
        m.kind = kHub;
        m.position.reset();
    }));
    return asked_for ? Step::sent : Step::needs_copy;
}

Result<bool> ReplicationCourse::store_is_empty() const {
    for (const FamilyInfo& family : store_.families()) {
        NM_ASSIGN(const auto rows, store_.rows(family.name, "", "", 1));
        if (!rows.empty()) return false;
    }
    NM_ASSIGN(const auto rows, store_.counter_rows("", "", 1));
    return rows.empty();
}

// What cannot be read is taken for one: who reads on there finds out, and says what is damaged.
bool ReplicationCourse::has_record_before(ChangeNumber position) const {
    if (position == 0) return false;
    const auto records = store_.read_journal(position - 1, 1);
    if (!records.ok()) return true;
    return !records->empty() && records->front().number == position - 1;
}

Result<void> ReplicationCourse::find_position() {
    NM_ASSIGN(std::optional<ChangeNumber> position, link_->position());
    NM_TRY(notes_.add_refused_once(link_->told_late()));
    const ReplicationMemory memory = notes_.memory();
    const JournalRange journal = store_.journal();
    const bool begun = !memory.hub.empty();
    if (begun && memory.hub != store_.hub_id())
        return mark_needs_copy("this hub was restored from a backup since it began to send");
    // It may know of a link of these patterns, from before it got a full copy with others: what came since
    // is there already.
    const std::string stream = target_.patterns.stream();
    if (begun && memory.stream && *memory.stream != stream)
        return mark_needs_copy("the patterns were changed", last_position().value_or(opened_at_));
    if (begun && !position)
        return mark_needs_copy(
            "the target does not know how far it is: it was replaced or restored, has given up half a copy, "
            "or the patterns were changed");
    NM_ASSIGN(const bool empty, store_is_empty());
    const bool whole = journal.first == 0 || empty;
    const bool behind_a_record = position && has_record_before(*position);
    const ReplicationStart start = replication_start(position, journal, behind_a_record, whole);
    if (start.kind == ReplicationStart::Kind::needs_copy) return mark_needs_copy(start.why);
    const bool begins = start.kind == ReplicationStart::Kind::begin;
    if (begins) NM_TRY(link_->begin(start.from));
    if (!begun || memory.stream != stream) {
        NM_TRY(notes_.change([&](ReplicationMemory& m) {
            if (!begun) m.copied = start.copied;
            m.hub = store_.hub_id();
            m.stream = stream;
        }));
    }
    if (!start.copied) {
        log_event(LogLevel::warning, "replication begins with what is written from now on",
                  {{"target", target_.name},
                   {"what to do", "nm-tool replication resync sends all that is stored"}});
    }
    return move_on(start.from);
}

Result<void> ReplicationCourse::move_on(ChangeNumber position) {
    // Before the journal may forget what it has: else that would pass for lost after a crash.
    const auto left_at = notes_.memory().left_at;
    if (left_at && *left_at != position)
        NM_TRY(notes_.change([](ReplicationMemory& m) { m.left_at.reset(); }));
    position_ = position;
    tried_ = std::max(tried_, position);
    read_to_ = position;
    posted_ms_ = clock_.now_ms();
    heard_ms_ = posted_ms_;
    change([position](ReplicationProgress& p) {
        p.position = position;
        p.passed = position;
        p.oldest_ms = 0;
    });
    return {};
}

Result<void> ReplicationCourse::mark_needs_copy(const std::string& why,
                                                std::optional<ChangeNumber> keep_from) {
    position_.reset();
    log_event(LogLevel::error, "replication target needs a full copy",
              {{"target", target_.name}, {"why", why}, {"what to do", "nm-tool replication resync"}});
    const std::int64_t oldest_ms = progress().oldest_ms;
    return notes_.change([&](ReplicationMemory& m) {
        m.needs_copy_ms = oldest_ms == 0 ? clock_.now_ms() : oldest_ms;
        m.needs_copy = why;
        m.needs_copy_stream = target_.patterns.stream();
        m.needs_copy_from = keep_from;
    });
}

std::optional<ChangeNumber> ReplicationCourse::last_position() const {
    if (const auto position = progress().position) return position;
    const ReplicationMemory memory = notes_.memory();
    return memory.position ? memory.position : memory.left_at;
}

Result<void> ReplicationCourse::keep_position() {
    const ReplicationProgress now = progress();
    const ReplicationMemory memory = notes_.memory();
    if (!now.position || now.copying || memory.kind != kHub) return {};
    if (memory.left_at == now.position) return {};
    return notes_.change([&now](ReplicationMemory& m) { m.left_at = now.position; });
}

Result<void> ReplicationCourse::look_at_journal() {
    const ReplicationProgress now = progress();
    const ReplicationMemory memory = notes_.memory();
    const JournalRange journal = store_.journal();
    note_time();
    if (now.copying) return {};
    // After a crash while the target went on nothing is noted; it had at least what the journal forgot.
    std::optional<ChangeNumber> has = last_position();
    if (!has && !memory.hub.empty()) has = opened_at_;
    const bool lost = has && std::max(*has, tried_) < journal.first;
    if (lost && memory.needs_copy.empty() && !memory.resync)
        return mark_needs_copy(
            gone_from_journal("it was away for longer than the journal reaches back", journal));
    const ChangeNumber passed = std::max(now.passed, has.value_or(0));
    if (now.oldest_ms != 0 || (has && passed >= journal.end)) return {};
    NM_ASSIGN(const auto records, store_.read_journal(std::max(passed, journal.first), 1));
    if (records.empty()) return {};
    return note_oldest(records.front());
}

Result<void> ReplicationCourse::note_oldest(const JournalRecord& record) {
    NM_ASSIGN(const JournalReader reader, JournalReader::open(record.bytes));
    const std::int64_t oldest_ms = times_.committed_ms(record.number, reader.time_ms(), clock_.now_ms());
    change([oldest_ms](ReplicationProgress& p) { p.oldest_ms = oldest_ms; });
    return {};
}

std::optional<std::int64_t> ReplicationCourse::committed_ms(ChangeNumber from) const {
    const auto records = store_.read_journal(std::max(from, store_.journal().first), 1);
    if (!records.ok() || records->empty()) return std::nullopt;
    const auto reader = JournalReader::open(records->front().bytes);
    if (!reader.ok()) return std::nullopt;
    return times_.committed_ms(records->front().number, reader->time_ms(), clock_.now_ms());
}

void ReplicationCourse::note_time() const {
    times_.note(store_.journal().end, clock_.now_ms());
}

}  // namespace nmstore::server
