// The store: families of cells, time families of entries, counters, in one directory, with one log.
//
//   auto store = nmstore::Store::open({.directory = "./data"});
//   auto batch = (*store)->begin_cells("CFUTF8Type");
//   (*batch)->put("clients", "10.0.0.1", "1321900000000");
//   (*batch)->commit();
//
// Threads: every call of a Store may be made from any thread at any time, close() and the destructor
// excepted, which must be the last. A batch or a cursor belongs to one thread at a time and must be gone
// before its store.
// Time: milliseconds since the Unix epoch, from the Clock in the options.
// Errors: see each call; beyond what is said there any call may fail with corruption, io, or unavailable
// (the store is read-only for want of disk space, or closed).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/batch.h"
#include "nmstore/cell.h"
#include "nmstore/change.h"
#include "nmstore/clock.h"
#include "nmstore/column_family.h"
#include "nmstore/journal.h"
#include "nmstore/line.h"
#include "nmstore/result.h"
#include "nmstore/retention.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

// When a commit may return.
enum class SyncMode : std::uint8_t {
    always,    // once it is on disk: one fsync serves all who wait at that moment
    interval,  // at once; an fsync every sync_interval_ms
    off,       // at once; the operating system writes when it likes
};

// When appended lines become blocks. The defaults are what was measured to be good.
struct SealingOptions {
    std::size_t direct_bytes = std::size_t{32} << 10;   // lines of one row in one batch: from here on at once
    std::size_t block_bytes = std::size_t{2} << 20;     // text of a block, about

    // In the background, by a thread of low priority: lines of a row that wait become blocks once they are as much
    // text as a block has, or
    bool background = true;
    std::size_t idle_bytes = std::size_t{16} << 10;  // so much, and nothing was written
    std::int64_t idle_ms = 5'000;                    // for so long; or
    std::size_t old_bytes = std::size_t{2} << 10;    // so much, and the first was written
    std::int64_t old_ms = 3'600'000;                 // so long ago; or
    std::int64_t oldest_ms = 86'400'000;             // the first was written so long ago, however little it is
    std::int64_t settle_ms = 600'000;  // a row to which nothing was written for so long gets as few blocks as it can
};

// What is done in the background with what lies still, by a thread of low priority: blocks of cells that have expired
// go, and rows become as small and quick as Store::compact makes them.
struct UpkeepOptions {
    bool background = true;
    std::int64_t interval_ms = 3'600'000;  // between two looks at all rows
    // Rows of days that were over so long ago, and others to which nothing was written for so long; nullopt: none.
    std::optional<std::int64_t> compact_after_ms = 86'400'000;
    std::int64_t quiet_ms = 3'600'000;  // how long such a day's row must have had no new block
    unsigned cpu_percent = 25;          // of one core, about; 1 to 100
};

// Of the file system that holds the store.
struct DiskRoom {
    std::uint64_t free_bytes = UINT64_MAX;  // as it is, not known
    std::uint64_t size_bytes = 0;
};

struct StoreOptions {
    std::string directory;
    bool create_if_missing = true;  // else a directory without a store is not_found
    bool read_only = false;         // open a closed store to look at; takes no lock, every write fails
    SyncMode sync = SyncMode::always;
    std::uint32_t sync_interval_ms = 100;
    std::string owner = "nmstore";  // who holds the store, told to the next who tries: "nm-stored 127.0.0.1:8001"
    const Clock* clock = nullptr;   // nullptr: system_clock(); else must outlive the store
    std::size_t memory_bytes = std::size_t{128} << 20;  // caches and write buffers together, about
    SealingOptions sealing{};
    UpkeepOptions upkeep{};
    ChangeOptions changes{};
    JournalOptions journal{};
    // A file of so many bytes in the directory (of a small disk at most a twentieth), given up when the disk is full
    // for what makes room to be written, and made again when there is some. 0: none. nullopt: one that is there may be
    // given up, and none is made.
    std::optional<std::uint64_t> ballast_bytes{};
    std::function<DiskRoom()> disk_room{};  // empty: the file system is asked. Any thread
};

// Limits of the store itself (requests have limits of their own in the server).
inline constexpr std::size_t kMaxRowKeyBytes = 65535;
inline constexpr std::size_t kMaxColumnNameBytes = 65535;
inline constexpr std::size_t kMaxFamilyNameBytes = 48;  // letters, digits, '_', as in Cassandra
inline constexpr std::int64_t kMaxTtlSeconds = std::int64_t{20} * 365 * 24 * 3600;

// Everything read with one snapshot is of one moment. Holding one keeps old data on disk: let it go soon.
class Snapshot {
  public:
    virtual ~Snapshot() = default;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Which rows of time families a search looks into; empty members do not restrict.
struct RowSelection {
    std::string family;  // empty: all time families
    std::int64_t from_ms = INT64_MIN;  // rows that may have entries in [from, to)
    std::int64_t to_ms = INT64_MAX;
    std::function<bool(const LogRow&)> accept;
    std::string key_prefix{};  // of the rows' keys: then no more of the catalogue is looked at
};

// Told now and then during long work: done and total in `unit`s (total 0: unknown). false: stop, the call
// then fails with `cancelled` and what was done so far stays done.
struct ProgressReport {
    std::string_view stage;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::string_view unit;
};
using Progress = std::function<bool(const ProgressReport&)>;

struct StoreStats {
    std::uint64_t disk_bytes = 0;         // of the data directory
    std::uint64_t log_bytes = 0;          // of it, write-ahead log
    std::uint64_t memory_bytes = 0;       // caches and buffers
    std::uint64_t rows = 0;               // in the catalogue, about
    std::uint64_t blocks = 0;             // sealed ones
    std::uint64_t block_lines = 0;        // lines in them
    std::uint64_t block_text_bytes = 0;   // of these lines
    std::uint64_t block_stored_bytes = 0; // of the blocks, on disk
    std::uint64_t block_cache_bytes = 0;    // what is kept opened of blocks, and its limit
    std::uint64_t block_cache_limit = 0;
    std::uint64_t block_cache_filters = 0, block_cache_directories = 0;  // of so many blocks
    std::uint64_t block_cache_sections = 0;                              // other sections, decompressed
    std::uint64_t block_cache_hits = 0, block_cache_misses = 0;  // since open, as all that follow: there, or read
    std::uint64_t block_cache_section_hits = 0, block_cache_section_misses = 0;
    std::uint64_t block_cache_evictions = 0;
    std::uint64_t damaged_filters = 0;      // since open: filters of blocks that queries had to do without
    std::uint64_t index_segments = 0;     // of the word index
    std::uint64_t index_blocks = 0;       // that they cover
    std::uint64_t index_postings = 0;     // words of these blocks
    std::uint64_t index_bytes = 0;        // on disk, about
    std::uint64_t index_lookups = 0;      // since open: words looked up in segments, but for those known from before
    std::uint64_t index_failures = 0;     // since open: parts of the index that could not be read
    std::uint64_t fresh_rows = 0;         // that have lines which wait to be sealed, as far as known after a start
    std::uint64_t fresh_lines = 0;        // these lines
    std::uint64_t fresh_bytes = 0;        // their text
    std::uint64_t cells_written = 0;      // since open, as are the following
    std::uint64_t lines_written = 0;
    std::uint64_t lines_cut = 0;
    std::uint64_t counter_steps = 0;
    std::uint64_t commits = 0;
    std::uint64_t syncs = 0;              // fsyncs of the log: commits / syncs is the group's size
    std::uint64_t commits_repeated = 0;   // batches recognised as sent before
    std::uint64_t expired_dropped = 0;    // cells dropped from disk because their time had come
    std::uint64_t blocks_sealed = 0;      // made of fresh lines in the background, or by seal() and compact()
    std::uint64_t blocks_merged = 0;      // small ones that have gone into greater ones
    std::uint64_t sealing_failures = 0;   // rows that could not be sealed or merged; each is tried again
    std::string last_sealing_error;       // "": none
    std::uint64_t rows_dropped_by_age = 0;    // by retention
    std::uint64_t rows_dropped_by_bytes = 0;
    std::uint64_t bytes_dropped = 0;          // that these rows held, about
    std::uint64_t files_dropped = 0;          // that held nothing but what was removed, taken away unread
    std::uint64_t expired_blocks_dropped = 0;    // blocks whose cells had all expired
    std::uint64_t expired_blocks_rewritten = 0;  // blocks made anew without cells that had
    std::uint64_t rows_compacted = 0;            // in the background, as is the next
    std::uint64_t blocks_compacted = 0;          // that were merged, or compressed better
    std::uint64_t upkeep_failures = 0;           // looks at what lies still that ended with an error
    std::uint64_t disk_free_bytes = 0;           // of the file system
    std::uint64_t ballast_bytes = 0;             // set aside for when the disk is full; 0: none, or given up
    std::uint64_t ballast_given_up = 0;          // how often
    bool writable = true;                 // false: read-only for want of space or after an I/O error
    std::string why_not_writable;
    // Since open: how often something of a table file could not be read because it is damaged; and in which files,
    // by their paths, as far as they are still there. The data directory's database stands for what names no file.
    std::uint64_t damage_seen = 0;
    std::vector<std::string> damaged_files;  // at most 100
};

struct VerifyReport {
    std::uint64_t rows = 0;
    std::uint64_t cells = 0;
    std::uint64_t lines = 0;
    std::uint64_t counters = 0;
    std::uint64_t index_entries = 0;
    std::uint64_t blocks = 0;
    std::vector<std::string> problems;  // at most kMaxProblems, each for a person
    std::uint64_t problem_count = 0;
};
inline constexpr std::size_t kMaxProblems = 100;

// What of the blocks is made anew: see Store::reindex.
struct ReindexRequest {
    RowSelection rows;  // which rows to look at; as it is: all of time families
    bool all = false;   // also blocks in which nothing is wrong
};
struct ReindexReport {
    std::uint64_t rows = 0;            // that were looked at
    std::uint64_t blocks = 0;          // that were looked at
    std::uint64_t rebuilt = 0;         // of them
    std::uint64_t sums = 0;            // over blocks and rows that were wrong, and corrected
    std::uint64_t segments = 0;        // of the word index, that were made
    std::vector<std::string> problems; // at most kMaxProblems: blocks that cannot be mended so, each for a person
    std::uint64_t problem_count = 0;
};

struct BackupInfo {
    std::uint32_t id = 0;
    std::int64_t time_ms = 0;
    std::uint64_t bytes = 0;
    std::uint32_t files = 0;
};

class Store {
  public:
    // Opens or creates the store and the two families that always exist. busy: somebody has it, and the message
    // says who. corruption or unsupported: not a store, or one of a newer format.
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options);

    virtual ~Store() = default;
    // Syncs and closes; further calls fail with unavailable. The destructor does it too, but cannot tell.
    virtual Result<void> close() = 0;

    // ---- Families -------------------------------------------------------------------------------
    // Creating a family again with the same comparator succeeds; conflict with another one.
    virtual Result<void> create_family(std::string_view name, ValueType comparator) = 0;
    virtual Result<void> drop_family(std::string_view name) = 0;  // with all its rows; not_found
    virtual Result<FamilyInfo> family(std::string_view name) const = 0;  // not_found
    virtual std::vector<FamilyInfo> families() const = 0;                // by name
    // Declares a column's value type; `indexed`: true builds a secondary index over what is there, false drops it,
    // nullopt leaves it as it is. Not for time families' indexes (unsupported). The column's name must fit the comparator.
    virtual Result<void> declare_column(std::string_view family, std::string_view column, ValueType type,
                                        std::optional<bool> indexed) = 0;

    // ---- Writes ---------------------------------------------------------------------------------
    // count_entries: every cell of a day row that was not there before the commit also adds one to the counter
    // (row, "logs" or "plugins" as the row's kind), in the same atomic step; time families only.
    virtual Result<std::unique_ptr<CellBatch>> begin_cells(std::string_view family, bool count_entries = false) = 0;
    virtual std::unique_ptr<LineBatch> begin_lines() = 0;
    virtual std::unique_ptr<CounterBatch> begin_counters() = 0;
    // Removing what is not there succeeds. not_found: the family; invalid_argument: the column's name. These, dropping a
    // family, and retain() give room, and go on while the disk is full.
    virtual Result<void> remove_row(std::string_view family, std::string_view row) = 0;
    virtual Result<void> remove_cell(std::string_view family, std::string_view row, std::string_view column) = 0;
    virtual Result<void> remove_counters(std::string_view row, std::optional<std::string_view> column) = 0;

    // ---- Reads ----------------------------------------------------------------------------------
    // A row that is not there is an empty slice. In a time family, lines that were appended to the row show as cells of
    // the form in which an agent would have posted them: {"date":ms,"returned":"line\n…"}, escape()d, one for each millisecond
    // (joined behind the cell of that time if there is one).
    virtual Result<Slice> slice(std::string_view family, std::string_view row, const SliceRange& range) const = 0;
    virtual Result<std::optional<Cell>> get(std::string_view family, std::string_view row, std::string_view column) const = 0;
    // Row keys that have at least one live cell, in byte order, from `from` (inclusive), with the given prefix.
    virtual Result<std::vector<std::string>> rows(std::string_view family, std::string_view from, std::string_view prefix,
                                                  std::size_t limit) const = 0;
    // Row keys whose `column` has this value by its type (of a LongType 5 is also 05); conflict if the column is not indexed.
    virtual Result<std::vector<std::string>> find_rows(std::string_view family, std::string_view column, std::string_view value,
                                                       std::size_t limit) const = 0;
    virtual Result<std::int64_t> counter(std::string_view row, std::string_view column) const = 0;  // absent: 0
    // Counters of a row by column (bytes), from `from` inclusive.
    virtual Result<std::vector<Counter>> counters(std::string_view row, std::string_view from, std::size_t limit) const = 0;
    virtual Result<std::vector<std::string>> counter_rows(std::string_view from, std::string_view prefix, std::size_t limit) const = 0;

    // ---- The searcher's view ----------------------------------------------------------------------
    virtual SnapshotPtr snapshot() const = 0;
    // In order of id. A null snapshot means now.
    virtual Result<std::vector<LogRow>> log_rows(const RowSelection& selection, const SnapshotPtr& snapshot = nullptr) const = 0;
    // nullopt: no such row (any more).
    virtual Result<std::optional<LogRow>> log_row(RowId id, const SnapshotPtr& snapshot = nullptr) const = 0;
    // `row` must outlive the cursor, which gives it out with every line.
    virtual Result<std::unique_ptr<LineCursor>> lines(const LogRow& row, const LineRange& range,
                                                      const SnapshotPtr& snapshot = nullptr) const = 0;
    // The same lines in the two ways in which they are kept: lines() is blocks and fresh lines merged. Ranges of
    // blocks may overlap each other and the fresh lines. Ask all three with one snapshot: lines move into blocks, and
    // blocks into others, at any time. In order of the first id.
    virtual Result<std::vector<BlockInfo>> blocks(const LogRow& row, const SnapshotPtr& snapshot) const = 0;
    // Reads nothing yet. Blocks that are gone, or another row's, are found out when what is not in memory is read: corruption.
    virtual Result<std::unique_ptr<block::BlockReader>> open_block(const LogRow& row, const BlockInfo& block,
                                                                   const SnapshotPtr& snapshot) const = 0;
    // The lines of one block, without those of cells that have expired since it was sealed.
    virtual Result<std::unique_ptr<LineCursor>> block_lines(const LogRow& row, const BlockInfo& block,
                                                            const LineRange& range,
                                                            const SnapshotPtr& snapshot) const = 0;
    // Lines that are in no block yet.
    virtual Result<std::unique_ptr<LineCursor>> fresh_lines(const LogRow& row, const LineRange& range,
                                                            const SnapshotPtr& snapshot) const = 0;

    // ---- Changes ----------------------------------------------------------------------------------
    virtual ChangeRange changes() const = 0;
    // Those from a number on, in their order, until they take about max_bytes as they are stored; at least one, if there is one.
    virtual Result<std::vector<Change>> read_changes(ChangeNumber from, std::size_t max_bytes) const = 0;
    // Waits until changes().end is not `end` any more, at most so long; gives it. Returns at once when the store is closed.
    virtual ChangeNumber wait_for_change(ChangeNumber end, std::chrono::milliseconds patience) const = 0;
    // The lines that came with a change into a row, as far as they are still there: in no order, and each once. Lines that the
    // change's cells complete or continue are among them, whole. `row` must outlive the cursor. Null snapshot: now.
    virtual Result<std::unique_ptr<LineCursor>> changed_lines(const Change& change, const ChangedRow& changed, const LogRow& row,
                                                              const SnapshotPtr& snapshot = nullptr) const = 0;

    // ---- Notes --------------------------------------------------------------------------------------
    // Small texts that a program keeps with the data, beyond the reach of the calls above: by area (1 to 64 bytes) and name.
    // Written together, on disk when this returns; without a text the note goes.
    struct Note {
        std::string name;
        std::optional<std::string> text;
    };
    virtual Result<void> put_notes(std::string_view area, const std::vector<Note>& notes) = 0;
    virtual Result<std::vector<Note>> notes(std::string_view area) const = 0;  // by name

    // ---- Journal -----------------------------------------------------------------------------------
    // The store's name among hubs, 32 hexadecimal digits. One that was restored from a backup has a new one.
    virtual const std::string& hub_id() const = 0;
    virtual JournalRange journal() const = 0;  // wait_for_change() waits for records as well
    // Records from a number on, in their order, of about max_bytes; at least one, if there is one. Not every number has one.
    virtual Result<std::vector<JournalRecord>> read_journal(ChangeNumber from, std::size_t max_bytes) const = 0;
    virtual Result<std::uint64_t> journal_records(ChangeNumber from) const = 0;  // how many there are from it on, about
    // Everybody has read what comes before the number: it may go. Cheap.
    virtual void forget_journal(ChangeNumber before) = 0;
    // Writes what another hub's journal tells, in the order given, each record wholly or not at all, and that all before `end` is done.
    // Records that this link, or another one, has brought before are passed over, as are those that began here. One call at a time for
    // a link. After a second it ends behind the record that it has written, so that others have their turn: the rest is to be sent again.
    // invalid_argument: a record is none; nothing of it and of what follows is written.
    // `notes` tells what is to be noted in `area` of the steps that this call has refused so far. It is asked before the first
    // batch is written, and where they have become more, and what it says is written with the batch.
    using RefusedNotes = std::function<std::vector<Note>(const std::vector<AppliedJournal::Refused>& refused)>;
    virtual Result<AppliedJournal> apply_journal(const JournalLink& link, const std::vector<JournalRecordView>& records,
                                                 ChangeNumber end, std::string_view area, const RefusedNotes& notes,
                                                 const JournalRights& rights) = 0;
    Result<AppliedJournal> apply_journal(const JournalLink& link, const std::vector<JournalRecordView>& records,
                                         ChangeNumber end) {
        return apply_journal(link, records, end, {}, {}, {});
    }
    virtual Result<std::optional<ChangeNumber>> journal_position(const JournalLink& link) const = 0;  // nullopt: none yet
    // nullopt forgets the link, with what has come of a copy. Nothing else is written.
    virtual Result<void> set_journal_position(const JournalLink& link, std::optional<ChangeNumber> position) = 0;
    virtual Result<std::vector<IncomingCopy>> incoming_copies() const = 0;
    // `wanted` empty: all. conflict: no journal is kept. busy: a copy of another hub is coming here, and this one would lack
    // what has not come of it.
    virtual Result<std::unique_ptr<JournalCopy>> copy_for_journal(const JournalFilter& wanted) = 0;

    // ---- Maintenance --------------------------------------------------------------------------------
    virtual StoreStats stats() const = 0;
    // Now, what otherwise happens in the background: all lines that can stand in blocks do when this returns, but for
    // those that are written meanwhile.
    virtual Result<void> seal(const Progress& progress = {}) = 0;
    virtual Result<void> compact(const Progress& progress = {}) = 0;  // busy: it is running already
    // Drops the day rows of time families that the policy lets go, with their counters, oldest first and in small
    // steps: a writer never waits for more than one of them. Then gives back the room. dry_run: only tells what
    // would go; also where the store is read-only. busy: it is running already.
    virtual Result<RetentionReport> retain(const RetentionPolicy& policy, bool dry_run = false,
                                           const Progress& progress = {}) = 0;
    virtual Result<VerifyReport> verify(const Progress& progress = {}) const = 0;
    // Makes anew what blocks hold that is derived from their lines: filters, summaries of columns, heads; and, if
    // no row is left out, the word index, and the sums over blocks and rows. Each block is replaced by one with the same lines in one
    // step, while writers and readers go on; a block whose lines cannot be read stays as it is and is a problem.
    // `all` over all rows goes on, if it was cut off, behind the blocks that it has made.
    virtual Result<ReindexReport> reindex(const ReindexRequest& request, const Progress& progress = {}) = 0;
    // Adds a backup (incremental: shares unchanged files with earlier ones) to `directory`, made if missing.
    virtual Result<BackupInfo> backup(const std::string& directory, const Progress& progress = {}) = 0;
};

// Backups in a directory, oldest first. not_found if there is none.
Result<std::vector<BackupInfo>> list_backups(const std::string& backup_directory);
// Checks every file's checksum, then writes the backup's store into `data_directory`, which must be missing or
// empty (conflict). id 0: the newest.
Result<BackupInfo> restore_backup(const std::string& backup_directory, std::uint32_t id, const std::string& data_directory,
                                  const Progress& progress = {});

}  // namespace nmstore
