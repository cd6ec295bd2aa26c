#include "server/replication_sender.h"

#include <algorithm>
#include <random>

#include "server/log.h"

namespace nmstore::server {
namespace {

constexpr std::chrono::milliseconds kRest{200};  // for the next commit, and for what the operator says
constexpr std::chrono::milliseconds kLongRest{5'000};
constexpr std::chrono::milliseconds kAskAgain{500};     // what the target is
constexpr std::chrono::milliseconds kLookEvery{1'000};  // at the journal, for what has left it
constexpr double kLiveSeconds = 2;
constexpr std::int64_t kTellEveryMs = 60'000;  // a bad line is not to fill the log
constexpr std::int64_t kTellSilenceMs = 5'000;

std::function<double()> chance() {
    return [random = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0, 1)(random);
    };
}

double seconds_since(std::int64_t time_ms, std::int64_t now_ms) {
    return time_ms == 0 ? 0 : static_cast<double>(std::max<std::int64_t>(0, now_ms - time_ms)) / 1000;
}

// Of a target that is sent to, at this moment: not of the last call that is done, since the next one may take
// long.
ReplicationState state_of_lag(double seconds) {
    return seconds < kLiveSeconds ? ReplicationState::live : ReplicationState::catching_up;
}

}  // namespace

ReplicationSender::ReplicationSender(Store& store, const Clock& clock, ReplicationTargetOptions target,
                                     const MakeCall& make_call, std::function<void()> moved)
    : store_(store),
      clock_(clock),
      target_(std::move(target)),
      moved_(std::move(moved)),
      notes_(store, clock, target_.name),
      course_(store, clock, notes_, target_, make_call(target_, stopping_)),
      backoff_(chance()) {}

ReplicationSender::~ReplicationSender() {
    stop();
}

Result<void> ReplicationSender::load() {
    return notes_.load();
}

void ReplicationSender::start() {
    thread_ = std::thread([this] { run(); });
}

void ReplicationSender::begin_stop() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
}

void ReplicationSender::stop() {
    begin_stop();
    if (!thread_.joinable()) return;
    thread_.join();
    if (const auto kept = course_.keep_position(); !kept.ok())
        log_event(LogLevel::warning, "position not kept",
                  {{"target", target_.name}, {"why", kept.error().message}});
}

// ---- The thread ---------------------------------------------------------------------------------

void ReplicationSender::run() {
    using Step = ReplicationCourse::Step;
    look();
    while (!stopping_) {
        if (notes_.memory().paused) {
            tell(ReplicationState::paused);
            course_.let_old_copy_go();
            look();
            wait(kLookEvery);
            continue;
        }
        const ChangeNumber end = store_.changes().end;
        const auto step = course_.step();
        if (stopping_) return;
        if (!step.ok()) {
            failed(step.error());
            continue;
        }
        backoff_.reset();
        if (*step == Step::needs_copy) {
            tell(ReplicationState::needs_copy);
            moved_();
            wait(kLongRest);
            continue;
        }
        if (*step == Step::asks_again) {
            tell(ReplicationState::connecting);
            wait(kAskAgain);
            continue;
        }
        tell(state_of_progress());
        if (*step == Step::sent) moved_();
        if (*step == Step::idle) (void)store_.wait_for_change(end, kRest);
    }
}

bool ReplicationSender::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    const bool told = changed_.wait_for(lock, time, [this] { return stopping_ || woken_; });
    woken_ = false;
    return told;
}

void ReplicationSender::wait_and_look(std::chrono::milliseconds time) {
    for (; time.count() > 0; time -= kLookEvery) {
        const ReplicationMemory memory = notes_.memory();
        if (!memory.needs_copy.empty() && !memory.resync) return;
        if (wait(std::min(time, kLookEvery))) return;
        look();
    }
}

void ReplicationSender::look() {
    auto looked = course_.keep_position();
    if (looked.ok()) looked = course_.look_at_journal();
    if (looked.ok()) return;
    const std::int64_t now_ms = clock_.now_ms();
    if (look_told_ms_ != 0 && now_ms >= look_told_ms_ && now_ms <= look_told_ms_ + kTellEveryMs) return;
    look_told_ms_ = now_ms;
    log_event(LogLevel::warning, "journal not looked at",
              {{"target", target_.name}, {"why", looked.error().message}});
}

void ReplicationSender::failed(const Error& error) {
    look();
    moved_();
    const bool refused = error.code == Code::unsupported;
    const auto pause = backoff_.next(refused, course_.asked_to_wait());
    bool first = false;
    {
        const std::lock_guard guard(mutex_);
        const std::int64_t now_ms = clock_.now_ms();
        first = state_ != ReplicationState::waiting && (told_ms_ == 0 || now_ms > told_ms_ + kTellEveryMs);
        if (first) told_ms_ = now_ms;
        waits_told_ = waits_told_ || first;
        state_ = ReplicationState::waiting;
        why_ = error.message;
        next_try_ms_ = clock_.now_ms() + pause.count();
        ++errors_;
    }
    if (first)
        log_event(LogLevel::warning, "replication waits", {{"target", target_.name}, {"why", error.message}});
    wait_and_look(pause);
}

void ReplicationSender::tell(ReplicationState state) {
    bool is_back = false;
    {
        const std::lock_guard guard(mutex_);
        is_back = waits_told_ && state != ReplicationState::paused && state != ReplicationState::needs_copy;
        if (is_back) waits_told_ = false;
        state_ = state;
        next_try_ms_ = 0;
        why_.clear();
    }
    if (is_back) log_event(LogLevel::info, "replication goes on", {{"target", target_.name}});
}

ReplicationState ReplicationSender::state_of_progress() const {
    const ReplicationProgress progress = course_.progress();
    if (progress.copying) return ReplicationState::copying;
    return state_of_lag(seconds_since(progress.oldest_ms, clock_.now_ms()));
}

// ---- Any thread ---------------------------------------------------------------------------------

Result<void> ReplicationSender::pause() {
    return change([](ReplicationMemory& memory) { memory.paused = true; });
}

Result<void> ReplicationSender::resume() {
    return change([](ReplicationMemory& memory) { memory.paused = false; });
}

Result<void> ReplicationSender::resync() {
    return change([](ReplicationMemory& memory) { memory.resync = true; });
}

Result<void> ReplicationSender::change(const std::function<void(ReplicationMemory&)>& how) {
    NM_TRY(notes_.change(how));
    {
        const std::lock_guard guard(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
    return {};
}

// What cannot be counted is told by the errors of the sender itself.
std::uint64_t ReplicationSender::unsent(ChangeNumber from) const {
    const auto records = store_.journal_records(from);
    return records.ok() ? *records : 0;
}

std::optional<ChangeNumber> ReplicationSender::needs_from() const {
    const ReplicationProgress progress = course_.progress();
    if (progress.copying) return progress.copy_at;
    const ReplicationMemory memory = notes_.memory();
    if (!memory.needs_copy.empty()) return memory.needs_copy_from;
    return progress.position.value_or(0);  // as long as it is not known where the target stands
}

ReplicationTargetStatus ReplicationSender::status() const {
    course_.note_time();
    const ReplicationProgress progress = course_.progress();
    const ReplicationMemory memory = notes_.memory();
    ReplicationTargetStatus status;
    status.name = target_.name;
    status.url = target_.url;
    status.kind = memory.kind;
    status.copied = memory.copied;
    status.target_is_standby = progress.target_is_standby;
    status.position = course_.last_position();
    const JournalRange journal = store_.journal();
    const ChangeNumber passed = std::max(progress.passed, status.position.value_or(journal.first));
    if (passed < journal.end) status.lag_records = unsent(passed);
    const std::int64_t now_ms = clock_.now_ms();
    // What was written since the sender last looked: its call may hang, the first one too.
    std::int64_t oldest_ms = progress.oldest_ms;
    if (oldest_ms == 0 && status.lag_records > 0) oldest_ms = course_.committed_ms(passed).value_or(0);
    status.lag_seconds = seconds_since(oldest_ms, now_ms);
    if (!memory.needs_copy.empty())
        status.lag_seconds = std::max(status.lag_seconds, seconds_since(memory.needs_copy_ms, now_ms));
    status.sent_records = progress.sent_records;
    status.sent_bytes = progress.sent_bytes;
    status.refused = notes_.refused_count();
    status.refused_dropped = memory.refused_dropped;
    if (progress.copying) status.copy = {progress.copy_done, progress.copy_total};
    const std::lock_guard guard(mutex_);
    status.state = memory.paused ? ReplicationState::paused : state_;
    if (status.state == ReplicationState::live || status.state == ReplicationState::catching_up)
        status.state = state_of_lag(status.lag_seconds);
    status.why = state_ == ReplicationState::needs_copy ? memory.needs_copy : why_;
    const std::int64_t silent_ms = progress.asked_ms == 0 ? 0 : now_ms - progress.asked_ms;
    if (status.why.empty() && silent_ms >= kTellSilenceMs)
        status.why = "no answer for " + std::to_string(silent_ms / 1000) + " s";
    if (memory.paused && !memory.needs_copy.empty()) status.why = "needs a full copy: " + memory.needs_copy;
    if (memory.paused && memory.resync)
        status.why = "a full copy was asked for; it begins when this is resumed";
    status.next_try_ms = next_try_ms_;
    status.errors = errors_;
    return status;
}

}  // namespace nmstore::server
