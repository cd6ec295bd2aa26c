#include "server/replication_course.h"

#include <algorithm>

#include "server/log.h"
#include "server/replication_hub_link.h"
#include "server/replication_start.h"

namespace nmstore::server {
namespace {

constexpr std::int64_t kTellPositionMs = 10'000;  // where what is written is not wanted
constexpr std::int64_t kKeepCopyMs = 10 * 60'000;

// A hub says why, a server of another kind, or a proxy, perhaps not.
Error too_large_for_target(std::size_t bytes, const Error& told) {
    return {Code::unsupported, "a write of " + std::to_string(bytes) +
                                   " bytes is more than the target takes (if it is the size: see its "
                                   "--max-body): " +
                                   told.message};
}

}  // namespace

ReplicationCourse::ReplicationCourse(Store& store, const Clock& clock, ReplicationNotes& notes,
                                     ReplicationTargetOptions target, ReplicationCall call)
    : store_(store),
      clock_(clock),
      notes_(notes),
      target_(std::move(target)),
      asked_to_wait_(std::make_shared<std::optional<std::chrono::milliseconds>>()),
      call_([this, inner = std::move(call), asked = asked_to_wait_](const ReplicationRequest& request) {
          change([this](ReplicationProgress& p) { p.asked_ms = clock_.now_ms(); });
          auto answer = inner(request);
          change([](ReplicationProgress& p) { p.asked_ms = 0; });
          *asked = answer.ok() ? answer->retry_after : std::nullopt;
          return answer;
      }),
      opened_at_(store.journal().first) {
    note_time();
}

ReplicationProgress ReplicationCourse::progress() const {
    const std::lock_guard guard(mutex_);
    return progress_;
}

JournalFilter ReplicationCourse::filter() const {
    if (target_.patterns.empty()) return {};
    return [patterns = target_.patterns](std::string_view family, std::string_view row) {
        return patterns.wants(family, row);
    };
}

Result<ReplicationCourse::Step> ReplicationCourse::step() {
    note_time();
    auto done = try_step();
    if (!done.ok()) {
        position_.reset();
        batch_bytes_ = std::max<std::size_t>(1, batch_bytes_ / 4);
        if (done.error().code == Code::conflict) copy_.reset();
        let_old_copy_go();
    }
    const bool connected = done.ok();
    change([connected](ReplicationProgress& p) { p.connected = connected; });
    return done;
}

void ReplicationCourse::let_old_copy_go() {
    if (clock_.now_ms() > copy_moved_ms_ + kKeepCopyMs) copy_.reset();
}

Result<ReplicationCourse::Step> ReplicationCourse::try_step() {
    const std::string stream = target_.patterns.stream();
    if (const ReplicationMemory marked = notes_.memory();
        !marked.needs_copy.empty() && marked.needs_copy_stream != stream) {
        // With these patterns it may be another matter: they may be those again that it had before.
        NM_TRY(notes_.change([](ReplicationMemory& m) { m.needs_copy.clear(); }));
    }
    const ReplicationMemory memory = notes_.memory();
    if (!memory.needs_copy.empty() && !memory.resync) {
        copy_.reset();
        return Step::needs_copy;
    }
    NM_ASSIGN(const std::optional<Step> instead, link_ ? look_for_hub() : connect());
    if (instead) return *instead;
    if (memory.resync) return copy_step();
    if (!position_) {
        NM_TRY(find_position());
        if (!position_) return Step::needs_copy;
    }
    return send_step();
}

// ---- The journal --------------------------------------------------------------------------------

Result<std::string> ReplicationCourse::wanted_part(const JournalRecord& record) const {
    const std::string there = link_->target_hub();
    if (!there.empty()) {
        NM_ASSIGN(const JournalReader reader, JournalReader::open(record.bytes));
        if (reader.origin() == there) return std::string();
    }
    if (target_.patterns.empty()) return record.bytes;
    return filter_journal_record(record.bytes, filter());
}

Result<ReplicationCourse::Step> ReplicationCourse::send_step() {
    if (*position_ < store_.journal().first && read_to_ < store_.journal().first) {
        NM_TRY(mark_needs_copy(
            gone_from_journal("it was slower than the journal reaches back", store_.journal())));
        return Step::needs_copy;
    }
    auto read = read_batch();
    if (!read.ok() && read.error().code == Code::corruption) {
        NM_TRY(mark_needs_copy("a part of the journal that it does not have cannot be read: " +
                               read.error().message));
        return Step::needs_copy;
    }
    NM_TRY(read);
    ReplicationBatch& batch = read->batch;
    if (!batch.records.empty()) return send(std::move(batch), read->bytes);
    read_to_ = batch.end;
    change([&batch](ReplicationProgress& p) {
        p.passed = batch.end;
        p.oldest_ms = 0;
    });
    const std::int64_t now_ms = clock_.now_ms();
    const bool due = now_ms >= posted_ms_ + kTellPositionMs || now_ms < posted_ms_;
    if (batch.end > batch.from && due) return send(std::move(batch), 0);
    return read->bytes == 0 ? idle_step() : Step::sent;
}

Result<ReplicationCourse::ReadBatch> ReplicationCourse::read_batch() {
    NM_ASSIGN(std::vector<JournalRecord> records, store_.read_journal(read_to_, batch_bytes_));
    // The target is told of numbers that have a record only: what is behind the last may be used again.
    ReadBatch out{{*position_, records.empty() ? read_to_ : records.back().number + 1, {}}, 0};
    for (JournalRecord& record : records) {
        out.bytes += record.bytes.size();
        if (out.batch.records.empty() && progress().oldest_ms == 0) NM_TRY(note_oldest(record));
        NM_ASSIGN(std::string part, wanted_part(record));
        if (!part.empty()) out.batch.records.push_back({record.number, std::move(part)});
    }
    return out;
}

// What is not written to is asked for all the same: it may be gone, or be another one.
Result<ReplicationCourse::Step> ReplicationCourse::idle_step() {
    if (notes_.memory().kind != kHub) return Step::idle;  // see look_for_hub()
    const std::int64_t now_ms = clock_.now_ms();
    if (now_ms < heard_ms_ + kAskIdleMs && now_ms >= heard_ms_) return Step::idle;
    NM_ASSIGN(const ReplicationHello hello, say_hello(call_, {store_.hub_id(), target_.patterns.stream()}));
    heard_ms_ = now_ms;
    change([&hello](ReplicationProgress& p) { p.target_is_standby = hello.standby; });
    if (!hello.is_hub || hello.position != position_ || hello.hub != link_->target_hub()) {
        position_.reset();
        return Step::sent;  // the next step asks, and decides
    }
    return Step::idle;
}

Result<ReplicationCourse::Step> ReplicationCourse::send(ReplicationBatch batch, std::size_t read_bytes) {
    tried_ = std::max(tried_, batch.end);
    auto sent = link_->send(batch);
    if (!sent.ok() && sent.error().code == Code::too_large) {
        if (batch.records.size() == 1)
            return too_large_for_target(batch.records.front().bytes.size(), sent.error());
        most_bytes_ = std::max<std::size_t>(1, read_bytes / 2);
        batch_bytes_ = most_bytes_;
        return Step::sent;
    }
    NM_TRY(sent);
    batch_bytes_ = std::min(2 * batch_bytes_, most_bytes_);
    NM_TRY(notes_.add_refused_once(sent->refused, sent->refused_more));
    change([&sent](ReplicationProgress& p) {
        p.sent_records += sent->records;
        p.sent_bytes += sent->bytes;
    });
    NM_TRY(move_on(sent->position));
    return Step::sent;
}

// ---- A full copy --------------------------------------------------------------------------------

Result<ReplicationCourse::Step> ReplicationCourse::copy_step() {
    if (!copy_) {
        NM_TRY(link_->begin_copy());
        NM_ASSIGN(copy_, store_.copy_for_journal(filter()));
        copy_record_.reset();
        copy_moved_ms_ = clock_.now_ms();
        const ChangeNumber at = copy_->at();
        change([at](ReplicationProgress& p) {
            p.copying = true;
            p.copy_at = at;
        });
    }
    if (!copy_record_) {
        NM_TRY(read_copy());
        if (!copy_record_) return end_copy();
    }
    auto sending = link_->send_copy(*copy_record_);
    if (!sending.ok() && sending.error().code == Code::too_large)
        return copy_in_smaller_parts(sending.error());
    // The target may wait for this hub to learn of something, which this cut never will.
    if (!sending.ok() && copy_record_->number == 1) copy_.reset();
    NM_ASSIGN(const ReplicationSent sent, std::move(sending));
    NM_TRY(notes_.add_refused(sent.refused, sent.refused_more));
    const bool begun = copy_record_->number == 1;
    copy_record_.reset();
    copy_moved_ms_ = clock_.now_ms();
    change([&sent](ReplicationProgress& p) {
        p.sent_records += sent.records;
        p.sent_bytes += sent.bytes;
    });
    // At once, also if it is paused now: others may copy to this hub from then on.
    if (begun) NM_TRY(read_copy());
    return Step::sent;
}

Result<void> ReplicationCourse::read_copy() {
    auto next = copy_->next(most_bytes_);
    if (!next.ok()) copy_.reset();  // nobody knows how far it was read
    NM_ASSIGN(copy_record_, std::move(next));
    change([this](ReplicationProgress& p) {
        p.copy_done = copy_->rows_done();
        p.copy_total = copy_->rows_total();
    });
    return {};
}

// Parts are cut as they are read, so that it begins anew.
Result<ReplicationCourse::Step> ReplicationCourse::copy_in_smaller_parts(const Error& told) {
    const std::size_t bytes = copy_record_->bytes.size();
    if (most_bytes_ == 1) return too_large_for_target(bytes, told);
    most_bytes_ = std::max<std::size_t>(1, std::min(most_bytes_, bytes) / 2);
    batch_bytes_ = std::min(batch_bytes_, most_bytes_);
    copy_.reset();
    return Step::sent;
}

Result<ReplicationCourse::Step> ReplicationCourse::end_copy() {
    const ChangeNumber at = copy_->at();
    NM_TRY(link_->end_copy(at));
    NM_TRY(notes_.change([this](ReplicationMemory& m) {
        m.resync = false;
        m.copied = true;
        m.needs_copy.clear();
        m.left_at.reset();
        m.refused_before = 0;
        m.hub = store_.hub_id();
        m.stream = target_.patterns.stream();
    }));
    copy_.reset();
    change([](ReplicationProgress& p) { p.copying = false; });
    log_event(LogLevel::info, "replication target has a full copy", {{"target", target_.name}});
    position_.reset();  // as the target says
    tried_ = at;
    change([at](ReplicationProgress& p) { p.position = at; });
    return Step::sent;
}

}  // namespace nmstore::server
