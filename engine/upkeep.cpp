#include "engine/upkeep.h"

#include <sys/resource.h>

#include <algorithm>

#include "engine/block_merge.h"
#include "engine/expired_blocks.h"
#include "engine/given_back_room.h"
#include "engine/key.h"
#include "engine/next_row.h"
#include "engine/row_listing.h"
#include "engine/stored_block.h"
#include "engine/word_indexing.h"
#include "nmstore/day_row.h"

namespace nmstore {
namespace {

constexpr int kNice = 15;                                 // of the thread, where the system can do that
constexpr std::chrono::milliseconds kFirstPause{60'000};  // a start has other things to do
constexpr std::chrono::milliseconds kWantedPause{2'000};  // who removes one row removes more
constexpr std::chrono::milliseconds kLeastWork{20};       // before a rest
constexpr std::chrono::milliseconds kMostRest{10'000};
constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
// The old blocks' room is given back once they had so much.
constexpr std::uint64_t kGivenBackBytes = std::uint64_t{64} << 20;

void lower_priority() {
#ifdef __linux__
    (void)setpriority(PRIO_PROCESS, 0, kNice);  // there: of this thread
#endif
}

bool can_be_compacted(const std::vector<BlockInfo>& blocks, bool of_cells, std::size_t block_bytes) {
    std::vector<BlockInfo> some;
    std::copy_if(blocks.begin(), blocks.end(), std::back_inserter(some),
                 [&](const BlockInfo& block) { return (block.cells != 0) == of_cells; });
    const MergeChoice choice = choose_blocks(some, block_bytes, MergeWhen::compact);
    return choice.begin != choice.end;
}

}  // namespace

Upkeep::Upkeep(Core& core) : core_(core), options_(core.upkeep) {}

Upkeep::~Upkeep() {
    stop();
}

void Upkeep::start() {
    core_.removed_rows.set_wake([this] { want_room(); });
    core_.changes.set_short_of_room([this] { want_room(); });
    thread_ = std::thread([this] { run(); });
}

void Upkeep::stop() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Upkeep::want_room() {
    const std::lock_guard guard(mutex_);
    wanted_ = true;
    changed_.notify_all();
}

// false: room is wanted, and the pause was not over.
bool Upkeep::pause(std::chrono::milliseconds time, bool until_wanted) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return stopping() || (until_wanted && wanted_); });
    return !(until_wanted && std::exchange(wanted_, false));
}

void Upkeep::run() {
    lower_priority();
    const std::chrono::milliseconds interval(options_.interval_ms);
    auto next = std::chrono::steady_clock::now() + std::min(interval, kFirstPause);
    while (!stopping()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
        if (!pause(std::max(left, std::chrono::milliseconds(0)), true)) {
            (void)pause(kWantedPause, false);
            if (!stopping()) give_back_journal();
            if (!stopping()) give_back_removed();
            continue;
        }
        if (stopping()) return;
        if (core_.database->writable()) {
            const Result<void> looked = look();
            if (!looked.ok() && looked.error().code != Code::cancelled) ++core_.activity.upkeep_failures;
        }
        next = std::chrono::steady_clock::now() + interval;
    }
}

// What is left of it is little, so that to write that anew takes hardly any room itself.
void Upkeep::give_back_journal() {
    const bool refused = !core_.database->writable();
    if (refused) core_.changes.trim();
    if (core_.changes.take_let_go()) journal_let_go_ = true;
    if (journal_let_go_) {
        const std::string journal(key::kJournalRecords);
        const Result<void> given = core_.database->compact_partitions(
            kv::Space::changes, {{journal, journal}}, [this](const ProgressReport&) { return !stopping(); });
        journal_let_go_ = !given.ok();
        if (!given.ok() && given.error().code != Code::cancelled) ++core_.activity.upkeep_failures;
    }
    if (refused || journal_let_go_) want_room();
}

void Upkeep::give_back_removed() {
    std::vector<RowId> rows = core_.removed_rows.take();
    if (rows.empty()) return;
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    const Result<void> given =
        give_back_room(core_, {kv::Space::entries, kv::Space::blocks, kv::Space::cells}, rows, {},
                       [this](const ProgressReport&) { return !stopping(); });
    if (!given.ok() && given.error().code != Code::cancelled) ++core_.activity.upkeep_failures;
    // On a full disk nothing else gives room: a reader may have held the files, or a compaction had no room
    // itself.
    if (given.ok() && core_.database->writable()) return;
    for (const RowId row : rows) core_.removed_rows.note(row);
    (void)pause(kWantedPause, false);
}

Result<void> Upkeep::look() {
    rested_ = std::chrono::steady_clock::now();
    std::optional<std::string> partition;
    while (!stopping()) {
        NM_ASSIGN(partition, next_row(core_, partition));
        if (!partition) break;
        NM_ASSIGN(const RowId row, key::parse_row(*partition));
        const Result<void> looked = look_after(row);
        if (!looked.ok() && looked.error().code != Code::corruption) return looked;
        // A damaged row is a verification's to tell; the others are looked after all the same.
        if (!looked.ok()) ++core_.activity.upkeep_failures;
        if (rewritten_bytes_ >= kGivenBackBytes) NM_TRY(give_back_compacted());
        rest();
    }
    return give_back_compacted();
}

Result<void> Upkeep::look_after(RowId row) {
    NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core_, row));
    const std::int64_t now_ms = core_.clock.now_ms();
    if (std::any_of(blocks.begin(), blocks.end(),
                    [&](const auto& each) { return each.all_expired(now_ms); })) {
        const std::lock_guard turn(core_.sealing_turn);
        NM_TRY(drop_expired_blocks(core_, row));
    }
    for (const BlockInfo& block : blocks) {
        if (block.has_gaps && !block.all_expired(now_ms)) NM_TRY(look_at_expired(block));
    }
    if (!options_.compact_after_ms) return {};
    NM_ASSIGN(blocks, list_blocks(core_, row));
    NM_ASSIGN(const bool settled, is_settled(row, blocks));
    return settled ? compact(row) : Result<void>();
}

Result<void> Upkeep::look_at_expired(const BlockInfo& block) {
    auto known = half_expired_ms_.find(block.number);
    if (known == half_expired_ms_.end()) {
        if (half_expired_ms_.size() >= kMaxRows) half_expired_ms_.clear();
        NM_ASSIGN(const std::int64_t half_ms, half_expired_ms(core_, block));
        known = half_expired_ms_.emplace(block.number, half_ms).first;
    }
    if (known->second > core_.clock.now_ms()) return {};
    half_expired_ms_.erase(known);
    const std::lock_guard turn(core_.sealing_turn);
    NM_TRY(rewrite_without_expired(core_, block));
    return {};
}

// Whether it is worth it, and its time has come.
Result<bool> Upkeep::is_settled(RowId row, const std::vector<BlockInfo>& blocks) {
    const std::size_t block_bytes = core_.sealing.block_bytes;
    if (!can_be_compacted(blocks, false, block_bytes) && !can_be_compacted(blocks, true, block_bytes)) {
        seen_.erase(row);
        return false;
    }
    std::uint64_t newest = 0;
    for (const BlockInfo& block : blocks) newest = std::max(newest, block.number);
    const std::int64_t now_ms = core_.clock.now_ms();
    // Rows that are gone are in it as well: then all begin anew, and are compacted a little later.
    if (!seen_.contains(row) && seen_.size() >= kMaxRows) seen_.clear();
    Seen& seen = seen_[row];
    if (seen.newest_block != newest) seen = {newest, now_ms, false};
    if (seen.done) return false;
    std::int64_t quiet_ms = *options_.compact_after_ms;
    NM_ASSIGN(const std::optional<LogRow> log_row, find_log_row(core_, row, nullptr));
    if (!log_row) return false;
    if (const auto day_row = parse_day_row(log_row->key)) {
        const std::int64_t over_ms = (std::int64_t{day_row->day} + 1) * kDayMs;
        if (now_ms - *options_.compact_after_ms < over_ms) return false;
        quiet_ms = std::min(quiet_ms, options_.quiet_ms);
    }
    return now_ms - seen.since_ms >= quiet_ms;
}

Result<void> Upkeep::compact(RowId row) {
    std::uint64_t merged_blocks = 0;
    for (bool more = true; more && !stopping(); rest()) {
        bool once = true;
        const std::lock_guard turn(core_.sealing_turn);
        NM_ASSIGN(const Merged merged,
                  merge_blocks(core_, row, MergeWhen::compact, [&] { return std::exchange(once, false); }));
        merged_blocks += merged.before;
        more = merged.stopped && !merged.disturbed;
    }
    if (stopping()) return {};
    NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core_, row));
    std::uint64_t newest = 0;
    for (const BlockInfo& block : blocks) {
        newest = std::max(newest, block.number);
        rewritten_bytes_ += merged_blocks != 0 ? block.stored_bytes : 0;
    }
    seen_[row] = {newest, core_.clock.now_ms(), true};
    if (merged_blocks == 0) return {};
    compacted_.push_back(row);
    core_.activity.blocks_compacted += merged_blocks;
    ++core_.activity.rows_compacted;
    return {};
}

Result<void> Upkeep::give_back_compacted() {
    const Progress go_on = [this](const ProgressReport&) {
        rest();
        return !stopping();
    };
    // Also what an earlier process has compacted, or an indexing that failed has left.
    if (compacted_.empty()) return index_at_rest(go_on);
    std::vector<RowId> rows = std::exchange(compacted_, {});
    rewritten_bytes_ = 0;
    std::sort(rows.begin(), rows.end());
    const Result<void> given = give_back_room(core_, {kv::Space::blocks}, rows, {}, go_on);
    if (!given.ok() && given.error().code != Code::corruption) return given;
    if (!given.ok()) ++core_.activity.upkeep_failures;
    return index_at_rest(go_on);
}

Result<void> Upkeep::index_at_rest(const Progress& go_on) {
    NM_TRY(index_blocks(core_, IndexWhen::worth_it, go_on));
    return {};
}

// As long as it takes for the work since the last rest to be no more than its share.
void Upkeep::rest() {
    const auto worked =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - rested_);
    if (worked < kLeastWork) return;
    const auto percent = static_cast<std::int64_t>(std::clamp(options_.cpu_percent, 1u, 100u));
    (void)pause(std::min(kMostRest, worked * (100 - percent) / percent), false);
    rested_ = std::chrono::steady_clock::now();
}

}  // namespace nmstore
