#include "engine/kv_rocksdb_health.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nmstore::kv {

namespace {

constexpr std::chrono::milliseconds kFirstRetry{250};
constexpr std::chrono::milliseconds kLongestRetry{4000};
constexpr std::chrono::milliseconds kStalledRetry{5000};

// The space of the compaction that has just failed on this thread.
thread_local std::string failed_in;

const char* reason_text(rocksdb::BackgroundErrorReason reason) {
    switch (reason) {
        case rocksdb::BackgroundErrorReason::kFlush:
            return "cannot write a table file";
        case rocksdb::BackgroundErrorReason::kCompaction:
            return "cannot compact";
        case rocksdb::BackgroundErrorReason::kWriteCallback:
            return "cannot write the log";
        case rocksdb::BackgroundErrorReason::kMemTable:
            return "cannot write to memory";
        case rocksdb::BackgroundErrorReason::kManifestWrite:
            return "cannot write the manifest";
        default:
            return "cannot write";
    }
}

}  // namespace

Health::Health(std::shared_ptr<std::atomic<std::uint64_t>> compacted_bytes,
               std::shared_ptr<DamageSeen> damage)
    : compacted_bytes_(std::move(compacted_bytes)), damage_(std::move(damage)) {}

Health::~Health() {
    stop();
}

void Health::start(std::function<Result<void>()> recover) {
    recover_ = std::move(recover);
    thread_ = std::thread([this] { run(); });
}

void Health::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Health::note_failure(std::string why) {
    ++failures_;
    why_ = std::move(why);
    writable_.store(false);
    changed_.notify_all();
}

void Health::fail(std::string why) {
    const std::lock_guard lock(mutex_);
    ++breaks_;
    works_.store(false);
    note_failure(std::move(why));
}

void Health::fail_for_room(std::string why) {
    const std::lock_guard lock(mutex_);
    note_failure(std::move(why));
}

std::uint64_t Health::breaks() const {
    const std::lock_guard lock(mutex_);
    return breaks_;
}

void Health::set_mended(std::uint64_t breaks) {
    const std::lock_guard lock(mutex_);
    if (breaks == breaks_) works_.store(true);
}

std::string Health::why_not() const {
    const std::lock_guard lock(mutex_);
    return why_;
}

Error Health::not_writable() const {
    return Error{Code::unavailable, "the store is read-only until it can write again: " + why_not()};
}

Result<void> Health::check_writable() const {
    if (writable_.load()) return {};
    return not_writable();
}

Result<void> Health::check_works() const {
    if (works_.load()) return {};
    return not_writable();
}

void Health::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) {
    if (status == nullptr || status->severity() == rocksdb::Status::kNoError) return;
    const bool names_file = status->IsCorruption() && damage_->note(status->ToString());
    const std::string space = std::exchange(failed_in, std::string());
    if (names_file && reason == rocksdb::BackgroundErrorReason::kCompaction && !has_stayed_slow(space)) {
        // What it was to read is damaged. It has changed nothing, and is tried again. For RocksDB that is the
        // end of all writes until the store is opened again; but then the damaged row could not even be
        // dropped. Once writes are held up by it, though, they are better refused
        // (docs/decisions/damaged-files.md).
        *status = rocksdb::Status::OK();
        return;
    }
    // Softer errors do not stop writes: a compaction that found no room is tried again later. But until it
    // is, nothing else goes on in the background, and whoever waits for a compaction waits.
    if (status->severity() < rocksdb::Status::kHardError) {
        const std::lock_guard lock(mutex_);
        stalled_.store(true);
        changed_.notify_all();
        return;
    }
    fail(std::string(reason_text(reason)) + ": " + status->ToString());
}

void Health::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status error,
                                  bool* automatic) {
    error.PermitUncheckedError();
    *automatic = false;  // one who tries is enough, and RocksDB would look only every five seconds
}

void Health::OnStallConditionsChanged(const rocksdb::WriteStallInfo& stall) {
    const std::lock_guard lock(mutex_);
    ++slowness_[stall.cf_name].changes;
    slowness_[stall.cf_name].is_slow = stall.condition.cur != rocksdb::WriteStallCondition::kNormal;
}

// Buffers that are being written hold up writes as well, but not from one failed compaction of a space to its
// next.
bool Health::has_stayed_slow(const std::string& space) {
    const std::lock_guard lock(mutex_);
    bool has_stayed = false;
    for (auto& [name, slowness] : slowness_) {
        if (!space.empty() && name != space) continue;
        const bool has_changed =
            std::exchange(slowness.changes_when_asked, slowness.changes) != slowness.changes;
        has_stayed = has_stayed || (slowness.is_slow && !has_changed);
    }
    return has_stayed;
}

void Health::OnCompactionCompleted(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& job) {
    compacted_bytes_->fetch_add(job.stats.total_input_bytes);
    // Then follows the call of OnBackgroundError, which does not tell.
    failed_in = job.status.ok() ? std::string() : job.cf_name;
}

void Health::run() {
    std::unique_lock lock(mutex_);
    auto pause = kFirstRetry;
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !writable_.load() || stalled_.load(); });
        const auto wait = writable_.load() ? kStalledRetry : pause;
        if (changed_.wait_for(lock, wait, [this] { return stopping_; })) return;
        const std::uint64_t failures = failures_;
        lock.unlock();
        const Result<void> result = recover_();
        lock.lock();
        if (!result.ok()) {
            why_ = result.error().message;
            pause = std::min(pause * 2, kLongestRetry);
        } else if (failures == failures_ && works_.load()) {
            why_.clear();
            writable_.store(true);
            pause = kFirstRetry;
        }
    }
}

}  // namespace nmstore::kv
