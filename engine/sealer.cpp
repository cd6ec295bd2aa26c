#include "engine/sealer.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "engine/expired_blocks.h"
#include "engine/key.h"
#include "engine/next_row.h"
#include "engine/own_counter.h"
#include "engine/record.h"
#include "engine/sealing.h"
#include "engine/stored_block.h"
#include "engine/word_indexing.h"

namespace nmstore {
namespace {

constexpr int kNice = 10;                                     // of the thread, where the system can do that
constexpr std::size_t kRowsAtOnce = 64;                       // taken in one go
constexpr std::chrono::milliseconds kLeastSleep{500};         // unless a writer wakes it
constexpr std::chrono::milliseconds kMostSleep{3'600'000};    // clocks may be set
constexpr std::chrono::milliseconds kSleepOfFailure{10'000};  // the disk is full, say
constexpr std::int64_t kDisturbedMs = 1'000;                  // then the row is tried again
constexpr std::int64_t kFailedMs = 60'000;
// When nobody writes: the write-ahead log goes if it has more than this, as does what sealing has left of the
// entries if that costs no more than so many times what was sealed.
constexpr std::uint64_t kSettledLogBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kTidiedFactor = 4;

void lower_priority() {
#ifdef __linux__
    (void)pthread_setname_np(pthread_self(), "nm-sealer");
    (void)setpriority(PRIO_PROCESS, 0, kNice);  // there: of this thread
#endif
}

}  // namespace

Sealer::Sealer(Core& core) : core_(core), unfinished_(core) {
    core_.fresh_rows.set_wake([this] { wake(); });
}

Sealer::~Sealer() {
    stop();
}

void Sealer::start() {
    thread_ = std::thread([this] { run(); });
}

void Sealer::request_stop() {
    stopping_ = true;
    wake();
}

void Sealer::stop() {
    request_stop();
    if (thread_.joinable()) thread_.join();
}

void Sealer::wake() {
    const std::lock_guard guard(mutex_);
    woken_ = true;
    changed_.notify_one();
}

void Sealer::run() {
    lower_priority();
    while (!stopping()) {
        if (core_.fresh_rows.take_overflowed()) unfinished_.begin_again();
        if (work_on_due_rows()) continue;
        if (look_for_rows()) continue;
        if (settle()) continue;
        sleep();
    }
}

bool Sealer::work_on_due_rows() {
    const auto due = core_.fresh_rows.take(core_.clock.now_ms(), kRowsAtOnce);
    for (const FreshRows::Taken& taken : due) work_on(taken);
    return !due.empty();
}

// Whether there may be more.
bool Sealer::look_for_rows() {
    const auto looked = unfinished_.look_on([this] { return !stopping(); },
                                            [this](const Error& error) { note_failure(error); });
    if (looked.ok()) return *looked;
    note_failure(looked.error());
    return false;
}

void Sealer::work_on(const FreshRows::Taken& taken) {
    if (stopping()) return;  // the next start finds it
    const std::lock_guard turn(core_.sealing_turn);
    const Result<void> done =
        taken.settle ? merge(taken.row, MergeWhen::for_good, taken.fresh.last_ms) : seal(taken);
    if (done.ok()) return;
    note_failure(done.error());
    if (taken.fresh.entries == 0) {
        core_.fresh_rows.note_sealed(taken.row, core_.clock.now_ms());
    } else {
        core_.fresh_rows.put_back(taken.row, taken.fresh, core_.clock.now_ms() + kFailedMs);
    }
}

Result<void> Sealer::seal(const FreshRows::Taken& taken) {
    NM_ASSIGN(const Sealed sealed, seal_lines(core_, taken.row, taken.all, [this] { return !stopping(); }));
    blocks_sealed_ += sealed.blocks;
    sealed_bytes_ += sealed.text_bytes;
    NM_ASSIGN(const Sealed cells,
              seal_posted_cells(core_, taken.row, taken.all, false, [this] { return !stopping(); }));
    blocks_sealed_ += cells.blocks;
    sealed_bytes_ += cells.text_bytes;
    if (sealed.disturbed || cells.disturbed) {
        core_.fresh_rows.put_back(
            taken.row,
            FreshRows::left_of(taken.fresh, sealed.text_bytes + cells.text_bytes, sealed.lines + cells.lines),
            core_.clock.now_ms() + kDisturbedMs);
        return {};
    }
    FreshRows::Fresh left;
    left.bytes = sealed.left_bytes + cells.left_bytes;
    left.entries = sealed.left_lines + cells.left_lines;
    left.first_ms = left.last_ms = taken.fresh.last_ms;
    core_.fresh_rows.put_back(taken.row, left, INT64_MIN);
    return merge(taken.row, MergeWhen::worth_it, taken.fresh.last_ms);
}

Result<void> Sealer::merge(RowId row, MergeWhen when, std::int64_t last_written_ms) {
    NM_ASSIGN(const Merged merged, merge_blocks(core_, row, when, [this] { return !stopping(); }));
    blocks_merged_ += merged.before;
    merged_bytes_ += merged.text_bytes;
    if (merged.could_go_on || merged.disturbed) core_.fresh_rows.note_sealed(row, last_written_ms);
    return {};
}

// When nobody has written for a while.
bool Sealer::settle() {
    const std::int64_t written_ms = core_.fresh_rows.last_written_ms();
    if (written_ms == settled_at_ms_ || core_.clock.now_ms() - core_.sealing.idle_ms < written_ms)
        return false;
    settled_at_ms_ = written_ms;
    const std::uint64_t merged_before = blocks_merged_;
    for (const RowId row : core_.fresh_rows.sealed()) {
        if (stopping()) return false;
        const std::lock_guard turn(core_.sealing_turn);
        const Result<void> merged = merge(row, MergeWhen::quiet, written_ms);
        if (!merged.ok()) note_failure(merged.error());
    }
    const Result<void> indexed = index();
    if (!indexed.ok() && indexed.error().code != Code::cancelled) note_failure(indexed.error());
    kv::Tidying tidying;
    tidying.log_bytes = kSettledLogBytes;
    tidying.entry_bytes = kTidiedFactor * std::exchange(sealed_bytes_, 0);
    tidying.block_bytes = merged_bytes_.exchange(0);
    tidying.live_block_bytes = own_counter(core_, key::kBlockBytes);
    const Result<void> settled = core_.database->settle(tidying, stopping_);
    if (!settled.ok()) note_failure(settled.error());
    return blocks_merged_ != merged_before;
}

// Looks through all heads, so only when there are enough new blocks for it.
Result<void> Sealer::index() {
    const std::uint64_t blocks = own_counter(core_, key::kBlockCount);
    if (blocks < indexed_at_blocks_ + kLeastIndexed) return {};
    NM_TRY(index_blocks(core_, IndexWhen::worth_it, [this](const ProgressReport&) { return !stopping(); }));
    indexed_at_blocks_ = blocks;
    return {};
}

void Sealer::sleep() {
    FreshRows& rows = core_.fresh_rows;
    rows.sleep_until(INT64_MAX);  // whatever is written from here on wakes
    std::int64_t until_ms = rows.next_due_ms();
    const std::int64_t written_ms = rows.last_written_ms();
    if (written_ms != settled_at_ms_) until_ms = std::min(until_ms, written_ms + core_.sealing.idle_ms);
    rows.sleep_until(until_ms);
    std::chrono::milliseconds time = kMostSleep;
    const std::int64_t now_ms = core_.clock.now_ms();
    if (until_ms < now_ms + kMostSleep.count())
        time = std::max(kLeastSleep, std::chrono::milliseconds(std::max(until_ms, now_ms) - now_ms));
    if (std::exchange(failed_, false)) time = kSleepOfFailure;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return woken_ || stopping(); });
    woken_ = false;
    rows.sleep_until(INT64_MIN);
}

Result<void> Sealer::seal_everything(const Progress& progress) {
    return seal_all(progress, nullptr);
}

Result<void> Sealer::seal_all(const Progress& progress, DamageMet* damage) {
    // What is noted is found by walking through all; if that comes to no end, by doing so again.
    std::vector<RowId> rows;
    for (bool more = true; more;) {
        const auto noted = core_.fresh_rows.take(0, kRowsAtOnce, true);
        for (const FreshRows::Taken& taken : noted) rows.push_back(taken.row);
        more = !noted.empty();
    }
    const Result<void> done = seal_all_rows(rows, progress, damage);
    if (!done.ok() || (damage != nullptr && damage->times() != 0)) {
        core_.fresh_rows.set_overflowed();
        wake();
    }
    NM_TRY(done);
    return core_.wait_for_all();
}

// `noted`: may have small blocks only.
Result<void> Sealer::seal_all_rows(const std::vector<RowId>& noted, const Progress& progress,
                                   DamageMet* damage) {
    const auto pass = [damage](const Result<void>& done) { return damage ? damage->pass(done) : done; };
    std::optional<std::string> partition;
    for (std::uint64_t rows = 0;; ++rows) {
        if (progress && !progress({"seal", rows, 0, "rows"}))
            return Error{Code::cancelled, "the sealing was stopped"};
        NM_TRY(core_.writable());
        NM_ASSIGN(partition, next_row(core_, partition, kv::Space::entries));
        if (!partition) break;
        NM_ASSIGN(const RowId row, key::parse_row(*partition));
        NM_TRY(pass(seal_all_of(row)));
    }
    for (const RowId row : noted) {
        const std::lock_guard turn(core_.sealing_turn);
        NM_TRY(pass(merge(row, MergeWhen::quiet, core_.clock.now_ms())));
    }
    return {};
}

Result<void> Sealer::seal_all_of(RowId row) {
    const auto go_on = [] { return true; };
    for (bool again = true; again;) {
        const std::lock_guard turn(core_.sealing_turn);
        NM_ASSIGN(const Sealed sealed, seal_lines(core_, row, true, go_on));
        NM_ASSIGN(const Sealed cells, seal_posted_cells(core_, row, true, true, go_on));
        blocks_sealed_ += sealed.blocks + cells.blocks;
        again = sealed.disturbed || cells.disturbed;
    }
    const std::lock_guard turn(core_.sealing_turn);
    return merge(row, MergeWhen::quiet, core_.clock.now_ms());
}

Result<void> Sealer::compact_blocks(const Progress& progress, DamageMet& damage) {
    NM_TRY(seal_all(progress, &damage));
    std::uint64_t total = 0;
    NM_ASSIGN(const auto sum, core_.database->get(kv::Space::counters, key::kOwnCounters, key::kBlockText));
    if (sum) {
        NM_ASSIGN(const std::int64_t bytes, record::parse_counter(*sum));
        total = static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0));
    }
    std::uint64_t done = 0;
    std::optional<std::string> partition;
    const auto report = [&] {
        return !progress || progress({"blocks", std::min(done, total), total, "bytes"});
    };
    for (;;) {
        NM_TRY(core_.writable());
        NM_ASSIGN(partition, next_row(core_, partition));
        if (!partition) break;
        NM_ASSIGN(const RowId row, key::parse_row(*partition));
        NM_TRY(damage.pass(compact_row(row, report, done)));
        if (!report()) return Error{Code::cancelled, "the compaction was stopped"};
    }
    const Result<Indexed> indexed = index_blocks(core_, IndexWhen::now, progress);
    NM_TRY(damage.pass(indexed.ok() ? Result<void>() : Result<void>(indexed.error())));
    return core_.wait_for_all();
}

Result<void> Sealer::compact_row(RowId row, const std::function<bool()>& report, std::uint64_t& done) {
    NM_TRY(drop_expired(row));
    for (bool again = true; again;) {
        const std::lock_guard turn(core_.sealing_turn);
        NM_ASSIGN(const Merged merged, merge_blocks(core_, row, MergeWhen::compact, report));
        if (merged.stopped) return Error{Code::cancelled, "the compaction was stopped"};
        blocks_merged_ += merged.before;
        again = merged.disturbed;
    }
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core_, row));
    for (const BlockInfo& block : blocks) done += block.text_bytes;
    return {};
}

// Once for each block: what expires meanwhile may stay.
Result<void> Sealer::drop_expired(RowId row) {
    const std::lock_guard turn(core_.sealing_turn);
    NM_TRY(drop_expired_blocks(core_, row));
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core_, row));
    for (const BlockInfo& block : blocks) {
        if (block.has_gaps) NM_TRY(rewrite_without_expired(core_, block));
    }
    return {};
}

void Sealer::tell(StoreStats& stats) const {
    const FreshRows::Sums sums = core_.fresh_rows.sums();
    stats.fresh_rows = sums.rows;
    stats.fresh_lines = sums.entries;
    stats.fresh_bytes = sums.bytes;
    stats.blocks_sealed = blocks_sealed_;
    stats.blocks_merged = blocks_merged_;
    stats.sealing_failures = failures_;
    const std::lock_guard guard(mutex_);
    stats.last_sealing_error = last_error_;
}

void Sealer::note_failure(const Error& error) {
    ++failures_;
    failed_ = true;
    const std::lock_guard guard(mutex_);
    last_error_ = error.message;
}

}  // namespace nmstore
