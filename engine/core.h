// What all parts of an open store share. Owned by the Store; everything else holds references to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "engine/block_cache.h"
#include "engine/catalogue.h"
#include "engine/change_feed.h"
#include "engine/family.h"
#include "engine/first_records.h"
#include "engine/fresh_rows.h"
#include "engine/kv.h"
#include "engine/number_reserve.h"
#include "engine/presence.h"
#include "engine/removed_rows.h"
#include "engine/row_locks.h"
#include "engine/row_memory.h"
#include "engine/word_index.h"
#include "nmstore/clock.h"
#include "nmstore/result.h"
#include "nmstore/store.h"

namespace nmstore {

// What was done since the store was opened.
struct Activity {
    std::atomic<std::uint64_t> cells_written{0};
    std::atomic<std::uint64_t> lines_written{0};
    std::atomic<std::uint64_t> lines_cut{0};
    std::atomic<std::uint64_t> counter_steps{0};
    std::atomic<std::uint64_t> commits_repeated{0};
    std::atomic<std::uint64_t> rows_dropped_by_age{0};  // by retention, as are the next two
    std::atomic<std::uint64_t> rows_dropped_by_bytes{0};
    std::atomic<std::uint64_t> bytes_dropped{0};
    std::atomic<std::uint64_t> expired_blocks_dropped{0};
    std::atomic<std::uint64_t> expired_blocks_rewritten{0};
    std::atomic<std::uint64_t> rows_compacted{0};  // in the background, as is the next
    std::atomic<std::uint64_t> blocks_compacted{0};
    std::atomic<std::uint64_t> upkeep_failures{0};
};

struct Core {
    Core(std::unique_ptr<kv::Database> opened, const Clock& the_clock, bool is_read_only,
         const SealingOptions& how_to_seal, const UpkeepOptions& how_to_keep_up,
         const ChangeOptions& what_to_tell, const JournalOptions& journal, std::size_t block_memory_bytes = 0)
        : database(std::move(opened)),
          clock(the_clock),
          read_only(is_read_only),
          sealing(how_to_seal),
          upkeep(how_to_keep_up),
          changes(*database, clock, what_to_tell, journal),
          block_cache(block_memory_bytes - block_memory_bytes / kRowMemoryShare),
          row_memory([this] { return database->moment(); }, block_memory_bytes / kRowMemoryShare) {}

    std::unique_ptr<kv::Database> database;
    const Clock& clock;
    const bool read_only;
    const SealingOptions sealing;
    const UpkeepOptions upkeep;
    ChangeFeed changes;
    std::string hub_id;
    std::atomic<bool> closed{false};

    Families families;
    Catalogue catalogue{*database};
    NumberReserve family_ids{*database, "family", 1};
    NumberReserve sequences{*database, "sequence", std::uint64_t{1} << 16};
    NumberReserve block_numbers{*database, "block", 1024};
    NumberReserve segment_numbers{*database, "segment", 16};
    RowLocks row_locks;
    std::mutex foreign_turn;              // held by who applies another hub's journal
    FirstRecords first_records;           // likewise
    std::atomic<int> copies_to_begin{0};  // that were cut here, and of which nothing has been taken yet
    RowLocks origin_locks;                // by hash of the source; taken before any row's
    FreshRows fresh_rows{sealing};
    std::mutex sealing_turn;  // held by who replaces entries or blocks of a row (engine/row_at_work.h)
    BlockCache block_cache;
    mutable RowMemory row_memory;
    WordIndex word_index{*database, clock};
    std::mutex indexing_turn;  // held by who makes segments of the word index
    Presence presence;
    std::mutex retention;   // held while it runs: one at a time
    std::mutex compaction;  // likewise
    std::mutex reindexing;  // likewise
    RemovedRows removed_rows;
    Activity activity;

    // unavailable once the store is closed.
    Result<void> usable() const {
        if (!closed.load(std::memory_order_acquire)) return {};
        return Error{Code::unavailable, "the store is closed"};
    }
    Result<void> writable() const {
        NM_TRY(usable());
        if (!read_only) return {};
        return Error{Code::unavailable, "cannot write: the store was opened to be read only"};
    }

    // Applies a batch; visible at once, durable when wait() or wait_for_all() has returned.
    Result<std::uint64_t> apply(kv::Batch& batch) {
        const RowMemory::Change change(row_memory, batch);
        return noted(database->apply(batch));
    }
    // The same for a batch that gives room, which is taken while the disk is full as well.
    Result<std::uint64_t> apply_removal(kv::Batch& batch) {
        const RowMemory::Change change(row_memory, batch);
        return noted(database->apply_removal(batch));
    }

    Result<std::uint64_t> noted(const Result<std::uint64_t>& applied) {
        NM_ASSIGN(const std::uint64_t ticket, applied);
        std::uint64_t seen = last_ticket.load();
        while (seen < ticket && !last_ticket.compare_exchange_weak(seen, ticket)) {
        }
        return ticket;
    }
    Result<void> wait(std::uint64_t ticket) { return database->wait_durable(ticket); }
    // For who has removed something of a row: while the disk is full its room is given back at once.
    void note_removed(RowId row) {
        if (!database->writable()) removed_rows.note(row);
    }
    // For who found done what it wanted to do: it may have been done just now, and not be on disk yet.
    Result<void> wait_for_all() { return database->wait_durable(last_ticket.load()); }

    std::atomic<std::uint64_t> last_ticket{0};
};

}  // namespace nmstore
